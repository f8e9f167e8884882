"""dohyo (土俵): measure, align and verify the modality gap of image-text embeddings."""

__version__ = "0.1.0"
