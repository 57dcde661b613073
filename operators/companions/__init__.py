"""What a PACS user expects beside a series: presentation state, key object note, structured report and PDF report.

Each is an object of its own series in the study of the source, marked as synthetic; app.yaml switches it on or off.
"""
