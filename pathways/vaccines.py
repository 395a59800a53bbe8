"""Vaccines of childhood as several pathways read them, each product class once, and what is read beside the doses.

Source of every id: concepts_b_detail.csv (clinical_b.md 4 and 6), with the name that it gives, cut where it is cut
there. A dagger (†) marks a concept whose file did not show that it is standard. ATC classes match by their descendants.
NHS records bring vaccines as dm+d products: a source whose vocabulary lacks the way from those to these concepts sees
too few doses, so `python -m pathways check` comes before everything else (clinical_b.md 6).

A dose may be a vaccine given or a code of the act of giving it (clinical_b.md 4.3, "Doses"). Not read, as no polio is
in their names: DTaP procedures 4133518, 4135418 and 4163708, DTaP alone 40213281 to 40213283, and the mixed class
21601371. Not read either: adult boosters (40213227, 40213228, 40213230).
"""

from pathways.language import BIRTH, ConceptSet, Count, Either, Near, Only, Records, Stream

# 6-in-1 (from 2017) and 5-in-1 (before) are one course of three doses.
SIX_IN_ONE = Records(
    "6-in-1 or 5-in-1 vaccine",
    of=(
        ConceptSet(
            "6-in-1 or 5-in-1",
            {
                40213290: "Historical diphtheria and tetanus toxoids and acellular pertussis, poliovirus, Haemophilus"
                " b conjugate and hepatitis B (recombinant) vaccine.",  # †
                40213284: "Diphtheria and Tetanus Toxoids and Acellular Pertussis Adsorbed, Inactivated Poliovirus, "
                "Haemophilus b Conjugate (Meningococcal Protein Conjugate), an",  # †
                40213288: "diphtheria, tetanus toxoids and acellular pertussis vaccine, Haemophilus influenzae type b"
                " conjugate, and poliovirus vaccine, inactivated (DTaP-Hib-IP",  # †
                40213285: "non-US diphtheria, tetanus toxoids and acellular pertussis vaccine, Haemophilus influenzae"
                " type b conjugate, and poliovirus vaccine, inactivated (DTaP",  # †
                40213286: "DTaP-hepatitis B and poliovirus vaccine",  # †
                43253158: "Infanrix Hexa",  # †
                21601377: "diphtheria-hemophilus influenzae B-pertussis-poliomyelitis-tetanus",  # †
            },
            exact={
                37003649: "Vaxelis (Diphtheria and Tetanus Toxoids and Acelluar Pertussis Absorbed, Inactivated "
                "Poliovirus, Haemophilus b Conjugate (Meningococcal Protein Conjug",  # †
                1366740: "Vaxelis (Diphtheria and Tetanus Toxoids and Acelluar Pertussis Absorbed, Inactivated "
                "Poliovirus, Haemophilus b Conjugate (Meningococcal Protein Conjug",  # †
            },
            kinds="immunisation",
        ),
        ConceptSet(
            "6-in-1 or 5-in-1, recorded as a procedure",
            exact={
                4149316: "Second DTP polio and Hib vaccination",  # †
                4015589: "Diphtheria, pertussis and tetanus triple and polio vaccination",  # †
                4015704: "Second diphtheria, pertussis and tetanus triple and polio vaccination",  # †
            },
            kinds="procedure",
        ),
    ),
)
BOOSTER = Records(
    "pre-school booster (dTaP/IPV)",
    of=(
        ConceptSet(
            "pre-school booster",
            {
                40213289: "Diphtheria, tetanus toxoids and acellular pertussis vaccine, and poliovirus vaccine, "
                "inactivated",  # †
                43564365: "Boostrix Polio",  # †
                21601373: "diphtheria-pertussis-poliomyelitis-tetanus",  # †
            },
            kinds="immunisation",
        ),
        ConceptSet(
            "pre-school booster, recorded as a procedure",
            exact={
                4015709: "Booster diphtheria and tetanus double and polio vaccination",  # †
                44792127: "Booster diphtheria, tetanus, acellular pertussis, haemophilus influenzae type b, "
                "inactivated polio vaccination",  # †
            },
            kinds="procedure",
        ),
    ),
)
OTHER_POLIO = Records(
    "polio vaccine on its own or with tetanus and diphtheria",
    of=(
        ConceptSet(
            "other polio vaccine",
            {
                40213160: "poliovirus vaccine, inactivated",
                40213203: "poliovirus vaccine, unspecified formulation",  # †
                40213190: "trivalent poliovirus vaccine, live, oral",  # †
                40213192: "Non-US bivalent oral polio vaccine (types 1 and 3)",  # †
                40213191: "Non-US monovalent oral polio vaccine, unspecified formulation",  # †
                40213193: "Oral Polio Vaccine, Unspecified formulation",  # †
                724894: "Diphtheria, Tetanus, Poliomyelitis adsorbed",  # †
                21601352: "poliomyelitis, trivalent, inactivated, whole virus",  # †
            },
            kinds="immunisation",
        ),
    ),
)
MEASLES = Records(
    "measles vaccine (MMR or MMRV)",
    of=(
        ConceptSet(
            "measles vaccine",
            {
                40213183: "measles, mumps and rubella virus vaccine",
                40213184: "measles, mumps, rubella, and varicella virus vaccine",  # †
                40213170: "measles virus vaccine",  # †
                40213168: "measles and rubella virus vaccine",  # †
                21016069: "Priorix",  # †
                43575463: "Priorix-Tetra",  # †
                21601342: "measles, live attenuated",  # †
                21601344: "measles, combinations with mumps and rubella, live attenuated",  # †
                21601346: "measles, combinations with mumps, rubella and varicella, live attenuated",  # †
            },
            exact={
                42799832: "ProQuad Measles, Mumps, Rubella, and Varicella Virus Vaccine Live 0.5 ML Injection",  # †
                19131658: "M-M-R II, Measles, Mumps, and Rubella Virus Vaccine Live 0.5 ML Injection",  # †
            },
            kinds="immunisation",
        ),
        ConceptSet(
            "measles vaccine, recorded as a procedure",
            {
                4016349: "Measles mumps and rubella vaccination - second dose",  # †
            },
            kinds="procedure",
        ),
    ),
)
MENB = Records(
    "MenB vaccine",
    of=(
        ConceptSet(
            "MenB vaccine",
            {
                40213173: "meningococcal B vaccine, recombinant, OMV, adjuvanted",  # †
                40213174: "meningococcal B vaccine, fully recombinant",  # †
                40213175: "meningococcal B, unspecified formulation",  # †
                40252458: "meningococcus B, multicomponent vaccine",  # †
            },
            exact={
                45892099: "Bexsero (meningococcal group B vaccine 50 MCG / Neisseria meningitidis serogroup B "
                "recombinant FHBP fusion protein antigen 50 MCG / Neisseria meningit",  # †
            },
            kinds="immunisation",
        ),
        ConceptSet(
            "MenB vaccine, recorded as a procedure",
            exact={
                44802662: "Recombinant meningococcal group B and outer membrane vesicle vaccination",  # †
            },
            kinds="procedure",
        ),
    ),
)
ROTAVIRUS = Records(
    "rotavirus vaccine",
    of=(
        ConceptSet(
            "rotavirus vaccine",
            {
                40213216: "rotavirus, live, monovalent vaccine",
                40213217: "rotavirus, live, pentavalent vaccine",  # †
                40213219: "rotavirus vaccine, unspecified formulation",  # †
                21601356: "rota virus, live attenuated",  # †
            },
            exact={
                19131940: "Rotarix, Rotavirus, live attenuated (RV1) G1P[8] Oral Vaccine",  # †
            },
            kinds="immunisation",
        ),
    ),
)
PNEUMOCOCCAL = Records(
    "pneumococcal vaccine",
    of=(
        ConceptSet(
            "pneumococcal vaccine",
            {
                40213198: "pneumococcal conjugate vaccine, 13 valent",
                40213195: "pneumococcal conjugate vaccine, 10 valent",  # †
                702674: "Pneumococcal conjugate PCV15, polysaccharide CRM197 conjugate, adjuvant, PF",  # †
                702675: "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF",  # †
                40213200: "Pneumococcal Conjugate, unspecified formulation",  # †
                21601313: "pneumococcus, purified polysaccharides antigen conjugated",  # †
            },
            kinds="immunisation",
        ),
        ConceptSet(
            "pneumococcal vaccine, recorded as a procedure",
            exact={
                44791017: "Second pneumococcal conjugated vaccination",  # †
                44791018: "Third pneumococcal conjugated vaccination",  # †
            },
            kinds="procedure",
        ),
    ),
)
HIB_MENC = Records(
    "Hib or MenC vaccine",
    of=(
        ConceptSet(
            "Hib or MenC vaccine",
            {
                40213176: "meningococcal C conjugate vaccine",  # †
                40213315: "Haemophilus influenzae type b vaccine, PRP-T conjugate",  # †
                40213316: "Haemophilus influenzae type b vaccine, conjugate unspecified formulation",  # †
                40213314: "Haemophilus influenzae type b vaccine, PRP-OMP conjugate",
                21601291: "hemophilus influenzae B, purified antigen conjugated",  # †
                21601302: "meningococcus C, purified polysaccharides antigen conjugated",  # †
            },
            kinds="immunisation",
        ),
        ConceptSet(
            "Hib or MenC vaccine, recorded as a procedure",
            exact={
                4132405: "Haemophilus influenzae type b vaccination",  # †
            },
            kinds="procedure",
        ),
    ),
)
POLIO = Either(SIX_IN_ONE, BOOSTER, OTHER_POLIO, name="polio-containing vaccine")
ANY_VACCINE = Either(
    SIX_IN_ONE, BOOSTER, MEASLES, MENB, ROTAVIRUS, PNEUMOCOCCAL, HIB_MENC, OTHER_POLIO, name="any childhood vaccine"
)
SAME_DOSE = 14
"""Doses of one vaccine less than so many days apart are one dose entered twice (clinical_b.md 4.3)."""


def doses(vaccine: Stream) -> Count:
    """How many doses so far. One entered on the day of birth is a slip of the keyboard (clinical_b.md 4.3)."""
    return Count(vaccine, anchor=BIRTH, from_day=1, apart=SAME_DOSE)


# What is read beside the doses (clinical_b.md 4.3, 4.4) ---------------------------------------------------------------

DECLINED = Records(
    "vaccine declined",
    of=ConceptSet(
        "vaccine declined",
        exact={  # all †; codes are verified for these vaccines alone
            44795752: "Haemophilus influenzae type B and meningitis C vaccination declined",
            44813970: "Rotavirus vaccination declined",
            4062743: "No consent - rubella immunization",
            4198425: "No consent for meningitis C immunization",
        },
        kinds="observation",
    ),
)
ALLERGY_TO_POLIO = Records(
    "allergy to polio vaccine",
    of=ConceptSet(
        "allergy to polio vaccine", {4168906: "Allergy to polio vaccine"}, kinds=("condition", "observation")
    ),
)
CONTACT = Records(
    "practice or outpatient visit",
    of=ConceptSet("practice or outpatient visit", {581477: "Office Visit", 9202: "Outpatient Visit"}, kinds="visit"),
)
NOT_ATTENDED = Records(
    "missed appointment",
    of=ConceptSet(
        "missed appointment",
        {4259518: "Did not attend", 4194582: "Did not attend hospital appointment"},  # both †
        kinds="observation",
    ),
)
INTERPRETER = Records(
    "interpreter booked",
    of=ConceptSet("interpreter booked", exact={42537412: "Interpreter booked"}, kinds="observation"),  # †
)
REFUGEE = Records("refugee", of=ConceptSet("refugee", {40488824: "Refugee"}, kinds="observation"))
HOUSING = Records(
    "homeless or housing problem",
    of=ConceptSet(
        "homeless or housing problem", {4139934: "Homeless", 4022661: "Housing problem"}, kinds="observation"
    ),
)
# Ours: an anaphylaxis on the day of a vaccine or on the next is taken to be one after a dose (clinical_b.md 4.3).
ANAPHYLAXIS = Only(
    Near(Records("anaphylaxis", of=ConceptSet("anaphylaxis", {441202: "Anaphylaxis"})), ANY_VACCINE, before=1, after=0),
    unvalued=True,
    title="anaphylaxis on the day of a vaccine or the day after",
)
