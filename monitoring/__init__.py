"""Is a registered model still right, for everyone and everywhere alike?"""
