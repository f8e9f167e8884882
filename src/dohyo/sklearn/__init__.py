"""For scikit-learn: `ModalityAligner` fits a correction, `MapTransformer` applies one."""

from dohyo.sklearn.aligner import ModalityAligner
from dohyo.sklearn.map_transformer import MapTransformer

__all__ = ["MapTransformer", "ModalityAligner"]
