"""How to read the page: what each state and each figure means, and from where on it alarms."""

HOW_TO_READ = (
    ("Pass", "the whole 95% interval keeps the limits. A figure that is missing or too uncertain never passes."),
    ("Watch", "further from what is expected than chance explains, allowing for how many figures are looked at."),
    ("Breach", "an alarm, and the whole interval lies beyond the limit at which people may come to harm."),
    ("Insufficient", "too few people, or an interval too wide, to tell. It is not a pass."),
    ("Not run", "the figure could not be made at all; the reason stands beside it and in the last part of the page."),
)

MEANINGS = (
    (
        "Observed over expected",
        "1.20 means 20% more outcomes than predicted. Limits: watch beyond 0.90 to 1.11, breach beyond 0.80 to 1.25. "
        "The observed risk allows for people who left (Aalen-Johansen, death competing).",
    ),
    ("Calibration slope", "under 1, high risks are too high and low ones too low. The same limits."),
    (
        "c-statistic",
        "how often somebody who had the outcome was given the higher risk. People of like risk cannot be ranked well, "
        "so it is compared with what the group's own risks promise: watch from 0.03 below, breach from 0.10.",
    ),
    (
        "Sensitivity",
        "of those who had the outcome, the share at or above the threshold. It is compared with what the group's own "
        "risks promise (watch from 0.05 below, breach from 0.15) and with everyone else. One threshold for all finds "
        "fewer in groups of lower risk even when every risk is right: that difference is for people to judge, so it "
        "is never more than watch.",
    ),
    (
        "Net benefit",
        "outcomes found per person, less false alarms at the price that the threshold sets, over the better of acting "
        "on everyone and on nobody. It must be above 0.",
    ),
    (
        "Shift (PSI)",
        "how far people moved between the bins that were frozen with the model; under 0.10 is small, over 0.25 large. "
        "An alarm needs more than 0.02 beyond chance. A shift of inputs alone harms nobody: find its cause, and read "
        "observed over expected before anything is changed.",
    ),
    (
        "Counts",
        "are of different people. 1 to 7 are hidden, and others where they would give a hidden one away; the rest are "
        "rounded to the nearest 5, and shares and ratios to steps of 5 people.",
    ),
)
