-- Sends every complete CT series to the gateway, except the gateway's own results.
-- The gateway itself refuses what must not be converted and ignores its own results: the test here only saves traffic.

function OnStableSeries(seriesId, tags, metadata)
  if tags['Modality'] == 'CT' and metadata['RemoteAET'] ~= 'SYNCTA' then
    -- a job of its own, which Orthanc shows with its outcome; Lua goes on at once
    RestApiPost('/modalities/gateway/store', '{"Resources": ["' .. seriesId .. '"], "Asynchronous": true}')
  end
end
