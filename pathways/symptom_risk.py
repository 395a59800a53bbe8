"""Cancer within 12 months of a symptom, by symptom, sex, smoking and age: a published table, and how it is read.

Barclay et al. (2024), BMJ Oncology, 1,622,419 people with a new symptom in CPRD of whom 36,802 had cancer within a
year; from github.com/MattEBarclay/cprd_symptom_cancer_1 (results/ci_inc_all.dta, MIT licence). For women up to 40 the
table's own fit exaggerates gynaecological cancers (spec 4.6), so it is not read there, nor for postmenopausal bleeding
before 50. Night sweats are in the table and have no verified concept, so they are not here.
"""

from __future__ import annotations

import numpy as np

from pathways.definition import CannotCompute

AGES = (30, 40, 50, 60, 70, 80, 90)
RISK: dict[str, dict[tuple[float, bool], tuple[float, ...]]] = {
    "abdominal_pain": {
        (0, False): (0.919, 0.66, 1.1, 2.251, 4.329, 5.728, 5.826),
        (0, True): (1.108, 0.763, 1.25, 2.511, 5.041, 6.352, 6.573),
        (1, False): (0.178, 0.366, 1.086, 3.096, 6.383, 7.934, 9.192),
        (1, True): (0.221, 0.386, 1.25, 3.66, 7.373, 9.443, 10.38),
    },
    "abdominal_bloating": {
        (0, False): (1.723, 0.991, 1.241, 2.346, 4.379, 5.447, 5.231),
        (0, True): (1.833, 1.082, 1.322, 2.546, 4.93, 5.875, 5.884),
        (1, False): (0.164, 0.293, 0.92, 2.689, 5.633, 7.249, 8.071),
        (1, True): (0.187, 0.323, 1.05, 3.167, 6.554, 8.262, 9.169),
    },
    "breast_lump": {
        (0, False): (1.519, 6.406, 13.512, 23.559, 34.967, 42.872, 48.489),
        (0, True): (1.593, 6.735, 14.589, 24.861, 36.774, 44.752, 50.976),
        (1, False): (0.389, 0.564, 1.258, 2.512, 4.67, 6.456, 7.854),
        (1, True): (0.425, 0.61, 1.495, 3.192, 5.837, 7.63, 9.522),
    },
    "change_in_bowel_habit": {
        (0, False): (1.051, 0.782, 1.579, 3.165, 6.453, 8.372, 9.112),
        (0, True): (1.041, 0.898, 1.662, 3.548, 6.794, 8.985, 9.401),
        (1, False): (0.303, 0.576, 1.951, 5.553, 11.525, 15.163, 17.46),
        (1, True): (0.374, 0.564, 2.271, 5.913, 12.635, 16.301, 18.492),
    },
    "dyspepsia": {
        (0, False): (0.427, 0.35, 0.712, 1.384, 2.618, 3.468, 3.589),
        (0, True): (0.461, 0.379, 0.801, 1.612, 3.113, 3.937, 4.27),
        (1, False): (0.112, 0.215, 0.692, 2.043, 4.223, 5.556, 6.081),
        (1, True): (0.127, 0.271, 0.985, 2.661, 5.272, 6.65, 7.414),
    },
    "dysphagia": {
        (0, False): (0.387, 0.534, 1.271, 2.719, 5.692, 7.745, 7.645),
        (0, True): (0.418, 0.502, 1.61, 3.481, 7.504, 9.892, 9.533),
        (1, False): (0.258, 0.571, 2.099, 5.807, 11.099, 13.283, 13.71),
        (1, True): (0.302, 0.792, 2.83, 7.581, 14.329, 17.393, 17.683),
    },
    "dyspnoea": {
        (0, False): (0.367, 0.332, 0.593, 1.179, 2.277, 2.916, 2.931),
        (0, True): (0.427, 0.355, 0.816, 1.768, 3.456, 4.176, 4.257),
        (1, False): (0.09, 0.165, 0.492, 1.519, 3.178, 4.182, 4.424),
        (1, True): (0.137, 0.234, 0.808, 2.299, 4.827, 6.059, 6.698),
    },
    "fatigue": {
        (0, False): (0.43, 0.382, 0.716, 1.373, 2.61, 3.393, 3.486),
        (0, True): (0.533, 0.43, 0.859, 1.736, 3.236, 4.21, 4.264),
        (1, False): (0.139, 0.26, 0.693, 2.005, 4.3, 5.317, 6.012),
        (1, True): (0.164, 0.3, 0.88, 2.568, 5.179, 6.853, 7.503),
    },
    "haematuria": {
        (0, False): (1.554, 1.125, 1.986, 4.253, 8.685, 11.301, 12.325),
        (0, True): (1.728, 1.327, 2.39, 5.261, 10.528, 13.657, 14.91),
        (1, False): (0.351, 0.996, 2.785, 8.033, 15.392, 18.853, 20.455),
        (1, True): (0.455, 1.344, 3.497, 10.221, 18.397, 22.169, 23.939),
    },
    "haemoptysis": {
        (0, False): (0.348, 0.397, 0.969, 2.364, 4.368, 5.418, 5.095),
        (0, True): (0.359, 0.54, 2.322, 6.192, 11.664, 13.597, 12.728),
        (1, False): (0.188, 0.28, 1.047, 3.012, 6.592, 8.293, 9.012),
        (1, True): (0.218, 0.471, 2.342, 7.526, 15.881, 20.188, 21.706),
    },
    "jaundice": {
        (0, False): (1.383, 2.645, 7.426, 15.014, 30.772, 39.281, 38.133),
        (0, True): (1.535, 3.013, 8.573, 17.322, 35.204, 44.431, 43.521),
        (1, False): (1.209, 2.488, 7.57, 17.667, 30.193, 34.596, 32.022),
        (1, True): (1.483, 2.973, 9.531, 22.173, 37.791, 42.048, 38.123),
    },
    "post_menopausal_bleeding": {
        (0, False): (14.531, 6.967, 5.111, 8.777, 15.223, 15.294, 12.368),
        (0, True): (15.425, 7.347, 5.41, 9.349, 16.401, 16.582, 13.21),
    },
    "rectal_bleeding": {
        (0, False): (0.62, 0.66, 1.539, 3.141, 6.401, 8.542, 8.889),
        (0, True): (0.636, 0.615, 1.572, 3.215, 6.685, 8.767, 9.332),
        (1, False): (0.28, 0.436, 1.608, 4.419, 9.452, 12.263, 13.656),
        (1, True): (0.278, 0.481, 1.766, 4.831, 10.196, 13.296, 14.704),
    },
    "weight_loss": {
        (0, False): (0.737, 0.654, 1.191, 2.5, 4.743, 6.313, 6.39),
        (0, True): (0.765, 0.728, 1.457, 3.485, 6.79, 8.533, 8.49),
        (1, False): (0.297, 0.524, 1.655, 4.882, 9.838, 12.448, 13.227),
        (1, True): (0.32, 0.682, 2.158, 6.497, 12.966, 16.385, 17.414),
    },
}
"""Per cent by symptom, then sex (0 female, 1 male, as in `SEXES`) and whether the person ever smoked, at each of
`AGES`."""


def symptom_risk(*, age: float, sex: float, smoking: float, **symptoms: float) -> float:
    """The probability of any cancer within 12 months: that of the symptom with the highest, as the table has one each.

    Age in years, sex 0 for female and 1 for male, `smoking` 0 current, 1 ex, 2 never; `symptoms` are 0 or 1 by the
    names of `RISK`. Between two ages the table is read by a straight line.

    >>> absent = dict.fromkeys(RISK, 0.0)
    >>> round(symptom_risk(age=60, sex=1, smoking=2, **absent | {"rectal_bleeding": 1.0}), 3)
    0.044
    """
    if sex not in (0, 1):
        raise CannotCompute("the table is for people recorded as female or male")
    if not AGES[0] <= age <= AGES[-1]:
        raise CannotCompute("the table is for people of 30 to 90 years")
    if sex == 0 and age <= 40:
        raise CannotCompute("the table exaggerates gynaecological cancers in women up to 40")
    group = (sex, smoking != 2)
    if age < 50:
        symptoms = symptoms | {"post_menopausal_bleeding": 0.0}
    found = [RISK[name][group] for name, there in symptoms.items() if there and group in RISK[name]]
    if not found:
        raise CannotCompute("none of the table's symptoms is recorded in the last year")
    return max(float(np.interp(age, AGES, row)) for row in found) / 100.0
