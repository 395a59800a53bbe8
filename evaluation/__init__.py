"""Measures of a model with their intervals, the same for training's evidence and for monitoring.

`censoring` weighs the people whose outcome is known; `discrimination`, `calibration`, `ici`, `accuracy`, `accrual` and
`benefit` each measure one thing of one group; `measures` all of them; `groups` every level of every axis; `disclosure`
decides what of it may leave. Every figure is an `estimate.Estimate`, which never passes a limit that it cannot keep.
`contributions` is the one place that speaks SHAP.
"""
