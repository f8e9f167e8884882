"""Every picture that dohyo draws, one to a file. The words around it are the page's business."""
