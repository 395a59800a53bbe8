"""What a child's pathway asks of the mother's, a brother's or a sister's records, in one place.

"spec b" is research/clinical_b.md: section 1.3 for growth, 4.4 for vaccines, with the row. A mother is linked by the
record of birth alone (spec b 0.2), so who has none has no answer here. Nobody's name or number is shown, and what the
predictor says of the child names no relative's record.
"""

from pathways import concept_sets as shared
from pathways import streams
from pathways.language import (
    BIRTH,
    BORN,
    Age,
    ConceptSet,
    Count,
    Difference,
    Has,
    Latest,
    Of,
    Predictor,
    Records,
    Since,
    days,
    months,
)

DEPRESSION = Records("depression", of=shared.DEPRESSION)
OBESITY = Records("obesity coded", of=shared.OBESITY)
GESTATIONAL = Records(
    "diabetes in pregnancy", of=ConceptSet("gestational diabetes", {4024659: "Gestational diabetes mellitus"})
)
PREGNANCY = days(270)  # spec b 1.3, row 18
TWO_YEARS = days(730)

CHILDREN = Count(Of("sibling", BORN))
MOTHERS_AGE = Predictor(  # 1.3 row 19, 4.4 row 16
    "mothers_age",
    # Completed years of the child stand for its age, so the birth is told to the year.
    Difference(Since(Of("mother", BORN), unit="years"), Age()),
    "age of the mother at the birth",
    "years",
    (12, 56),
    plain="the age of your child's mother at the birth",
)
BROTHERS_AND_SISTERS = Predictor(  # 1.3 row 25, 4.4 row 12: those of the same mother stand for the household
    "siblings", CHILDREN, "brothers and sisters on record", "", (1, 12), plain="brothers and sisters"
)
MOTHER_SMOKED = Predictor(  # 1.3 row 18, 4.4 row 17
    "mother_smoked",
    Has(Of("mother", streams.SMOKING), anchor=BIRTH, within=PREGNANCY, at_least=2),
    "mother recorded as smoking in the pregnancy",
    plain="smoking in the pregnancy",
)
MOTHERS_SMOKING = Predictor(  # ours: a status is seldom asked again in the pregnancy
    "mothers_smoking",
    Latest(Of("mother", streams.SMOKING)),
    "smoking of the mother (0 never, 1 stopped, 2 current)",
    "",
    (0, 2),
    plain="smoking in the family",
)
MOTHERS_DEPRESSION = Predictor(  # 1.3 row 23, 4.4 row 19
    "mothers_depression",
    Has(Of("mother", DEPRESSION), within=TWO_YEARS),
    "depression of the mother in 2 years",
    plain="low mood in the family",
)
MOTHERS_BMI = Predictor(  # 1.3 row 15: at booking
    "mothers_bmi",
    Latest(Of("mother", streams.BMI), anchor=BIRTH, within=months(24)),
    "BMI of the mother in the 2 years before the birth",
    "kg/m2",
    (14, 70),
    plain="the mother's weight for height before the birth",
)
MOTHERS_LAST_BMI = Predictor(  # ours: most mothers have none so near the birth
    "mothers_last_bmi",
    Latest(Of("mother", streams.BMI)),
    "last BMI of the mother",
    "kg/m2",
    (14, 70),
    plain="the mother's weight for height",
)
MOTHERS_OBESITY = Predictor(  # 1.3 row 16
    "mothers_obesity", Has(Of("mother", OBESITY)), "obesity of the mother coded", plain="weight in the family"
)
MOTHERS_DIABETES = Predictor(  # 1.3 row 22
    "mothers_diabetes", Has(Of("mother", streams.DIABETES)), "diabetes of the mother", plain="diabetes in the family"
)
DIABETES_IN_PREGNANCY = Predictor(  # 1.3 row 21
    "gestational_diabetes",
    Has(Of("mother", GESTATIONAL), anchor=BIRTH, within=PREGNANCY),
    "diabetes of the mother in the pregnancy",
    plain="diabetes in the pregnancy",
)
