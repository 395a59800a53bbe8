"""What a trained model is, how it is kept as plain files, and where its versions are registered."""
