"""The viewer: a local web page that shows a result beside its source, linked pane by pane.

The server (Python) finds results, decodes DICOM with the app's own loader and sends HU in bricks; the page (`web/`,
JavaScript on Cornerstone3D) draws them. `web/src/panes.js` shows any volumes of one grid and knows nothing of results,
so that other pages can use it.
"""
