"""The gateway: a small DICOM node around the app, from the PACS and back into it.

    receive   takes objects by C-STORE and decides when a series is complete
    queue     keeps jobs on disk: a job is a folder, its state is the folder that it lies in, a step is one rename
    convert   runs the app on each job
    send      hands the result to every target, by C-STORE or STOW-RS
    monitor   shows health and metrics by HTTP

`service` connects these packages; `settings` is the schema of gateway.yaml. After any end of the process, the next
start continues with the jobs in the queue.
"""
