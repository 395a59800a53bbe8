"""Published shares that several files read. Every figure has its source beside it."""

from __future__ import annotations

import numpy as np

# Smokers, % (BHF 2024, epi_a.csv "smoking 2022"): ages 18, 25, 35, 45, 55, 65 and over
SMOKERS_FROM_AGE = np.array([18.0, 25.0, 35.0, 45.0, 55.0, 65.0])
SMOKERS_MALE = np.array([13.0, 19.1, 17.3, 16.0, 14.1, 8.7])
SMOKERS_FEMALE = np.array([10.2, 13.4, 11.6, 11.8, 12.4, 7.6])
SMOKERS_DEPRIVATION = np.array([20.6, 16.8, 9.4, 10.5, 8.6]) / 12.9  # epi_a.csv "smoking 18+ 2022", over its mean
