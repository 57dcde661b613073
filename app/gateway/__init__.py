"""The gateway: a small DICOM node around the app, from the PACS and back into it.

    dicom_node   receives objects (C-STORE)  ->  intake   decides when a series is complete
    worker       runs the app on each series ->  delivery sends the result to every target (C-STORE or STOW-RS)

`spool` is the queue on disk that they share: a job is a folder, its state is the folder that it lies in, a step forward
is one rename. Whatever ends the process, the next start goes on from there. `service` holds the parts together.
"""
