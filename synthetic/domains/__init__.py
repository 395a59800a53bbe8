"""Parts of medicine, one file each; see `synthetic.domain`."""
