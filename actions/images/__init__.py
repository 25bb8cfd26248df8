"""The bucket of images: is it as promised, and bringing back what was lost."""
