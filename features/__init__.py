"""From OMOP records to what a prediction knows: histories, index dates, predictors, outcomes; many people or one."""
