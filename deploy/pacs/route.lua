-- Sends every complete CT series to the gateway, except the gateway's own results.
-- The gateway refuses unsuitable series and ignores its own results in any case: the test here only saves traffic.

function OnStableSeries(seriesId, tags, metadata)
  if tags['Modality'] == 'CT' and metadata['RemoteAET'] ~= 'SYNCTA' then
    -- asynchronous: Orthanc shows the job with its outcome, and Lua does not wait for it
    RestApiPost('/modalities/gateway/store', '{"Resources": ["' .. seriesId .. '"], "Asynchronous": true}')
  end
end
