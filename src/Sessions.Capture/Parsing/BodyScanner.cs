using System.Text.Json;
using Sessions.Domain.Channels;
using Sessions.Domain.Replay;
using Sessions.Domain.UserAgents;

namespace Sessions.Capture.Parsing;

/// <summary>
/// Reads a body's JSON once, and notes where each event's properties are and which fields decide what happens to the
/// event. It knows the three shapes of a body: one event, an array of events, and an envelope with a <c>batch</c>. In
/// recordings it also notes where each rrweb event is.
/// </summary>
internal ref partial struct BodyScanner
{
    /// <summary>The longest names and ids that are kept, in characters.</summary>
    public const int MaxTextLength = IdText.MaxLength;

    private const int MaxLabelLength = 1_000;

    private readonly ReadOnlySpan<byte> _json;
    private readonly bool _readsRecordings;
    private readonly CaptureOptions _limits;
    private readonly List<ScannedEvent> _events = [];
    private Utf8JsonReader _reader;

    // Most events of a body have the same value here, so one string serves all of them.
    private string? _lastName;
    private string? _lastDistinctId;
    private string? _lastDeviceId;
    private string? _lastWindowId;
    private string? _lastToken;
    private string? _lastUserAgent;
    private string? _lastHost;
    private string? _lastIp;
    private string? _lastAnonymousId;
    private string? _lastAlias;
    private string? _lastSource;
    private string? _lastLibrary;

    private BodyScanner(ReadOnlySpan<byte> json, CaptureOptions limits, bool readsRecordings)
    {
        _json = json;
        _readsRecordings = readsRecordings;
        _limits = limits;

        // The limit on depth is for each event: one that is nested too deeply must not make the others fail.
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
    }

    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="limits">Limits the number of events.</param>
    /// <param name="readsRecordings">Whether the events are snapshots, so that their recordings are read.</param>
    /// <exception cref="CaptureRefusedException">The body is not JSON, has no events, or too many.</exception>
    public static ScannedBody Scan(ReadOnlySpan<byte> json, CaptureOptions limits, bool readsRecordings = false)
    {
        try
        {
            return new BodyScanner(json, limits, readsRecordings).ScanBody();
        }
        catch (JsonException broken)
        {
            throw new CaptureRefusedException(CaptureRefusal.Malformed(
                $"The body is not JSON: line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}."));
        }
    }

    private ScannedBody ScanBody()
    {
        _reader.Read();
        ScannedBody body;
        if (_reader.TokenType == JsonTokenType.StartArray)
        {
            ScanElements();
            body = new ScannedBody(_events, null, null);
        }
        else if (_reader.TokenType == JsonTokenType.StartObject)
        {
            ScannedEvent root = ScanEvent(0, isRoot: true, out bool isEnvelope);
            if (!isEnvelope)
            {
                _events.Add(root);
            }

            body = new ScannedBody(_events, root.Token, root.SentAt);
        }
        else
        {
            throw new CaptureRefusedException(CaptureRefusal.Malformed("The body is neither a JSON object nor an array."));
        }

        // The reader throws if anything follows the end.
        _reader.Read();
        return _events.Count > 0
            ? body
            : throw new CaptureRefusedException(CaptureRefusal.Malformed("The body holds no events."));
    }

    private void ScanElements()
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_events.Count == _limits.MaxEvents)
            {
                throw new CaptureRefusedException(
                    CaptureRefusal.TooLarge($"The body holds more than {_limits.MaxEvents} events."));
            }

            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                _events.Add(ScanEvent(_events.Count, isRoot: false, out _));
            }
            else
            {
                _reader.Skip();
                _events.Add(new ScannedEvent(_events.Count) { IsObject = false });
            }
        }
    }

    private ScannedEvent ScanEvent(int index, bool isRoot, out bool isEnvelope)
    {
        isEnvelope = false;
        var found = new ScannedEvent(index) { Recording = _readsRecordings ? new ScannedRecording() : null };
        long start = _reader.TokenStartIndex;
        int outside = _reader.CurrentDepth - 1;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            EventField field = FieldNames.EventFieldOf(ref _reader);
            _reader.Read();
            switch (field)
            {
                case EventField.Batch when isRoot && _reader.TokenType == JsonTokenType.StartArray:
                    isEnvelope = true;
                    _events.Clear();
                    ScanElements();
                    break;
                case EventField.Event:
                    found.Name = _reader.TokenType == JsonTokenType.String ? ReadId(ref _lastName) : SkipToNull();
                    break;
                case EventField.DistinctId:
                    found.DistinctId = ReadId(ref _lastDistinctId) ?? found.DistinctId;
                    break;
                case EventField.Token:
                    found.Token = ProjectTokens.Trim(ReadText(ref _lastToken)) ?? found.Token;
                    break;
                case EventField.Uuid:
                    found.HasInvalidId = !JsonValues.TryReadId(ref _reader, out Guid? id);
                    found.Id = id;
                    break;
                case EventField.Timestamp:
                    found.Timestamp = JsonValues.ReadMoment(ref _reader);
                    break;
                case EventField.SentAt:
                    found.SentAt = JsonValues.ReadMoment(ref _reader);
                    break;
                case EventField.Offset:
                    found.OffsetMs = JsonValues.ReadMilliseconds(ref _reader);
                    break;
                case EventField.SenderOrder:
                    found.SenderOrder = JsonValues.ReadOrder(ref _reader);
                    break;
                case EventField.Properties:
                    ScanProperties(found, outside);
                    break;
                case EventField.Set:
                    found.Set = ScanObject(found, outside);
                    break;
                case EventField.SetOnce:
                    found.SetOnce = ScanObject(found, outside);
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        found.Bytes = (int)(_reader.BytesConsumed - start);
        return found;
    }

    private void ScanProperties(ScannedEvent found, int outside)
    {
        found.Properties = default;
        found.HasInvalidProperties = _reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null);
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return;
        }

        var properties = default(ScannedProperties);
        int start = (int)_reader.TokenStartIndex;
        Check(found, outside);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            found.HasEscapes |= _reader.ValueIsEscaped;
            PropertyField field = FieldNames.PropertyFieldOf(ref _reader);
            _reader.Read();

            switch (field)
            {
                case PropertyField.Token:
                    properties.Token = ProjectTokens.Trim(ReadKeptText(ref _lastToken, found, outside));
                    break;
                case PropertyField.DistinctId:
                    properties.DistinctId = ReadKeptId(ref _lastDistinctId, found, outside);
                    break;
                case PropertyField.DeviceId:
                    string? device = ReadKeptId(ref _lastDeviceId, found, outside);
                    properties.HasGenericDeviceId = device is not null && PersonIds.NamesNobody(device);
                    properties.DeviceId = properties.HasGenericDeviceId ? null : device;
                    break;
                case PropertyField.WindowId:
                    properties.WindowId = ReadKeptId(ref _lastWindowId, found, outside);
                    break;
                case PropertyField.AnonymousId:
                    properties.AnonymousId = ReadKeptId(ref _lastAnonymousId, found, outside);
                    break;
                case PropertyField.Alias:
                    properties.Alias = ReadKeptId(ref _lastAlias, found, outside);
                    break;
                case PropertyField.SessionId:
                    properties.HasInvalidSessionId = !JsonValues.TryReadSessionId(ref _reader, out Guid? session);
                    properties.SessionId = session;
                    CheckValue(found, outside);
                    break;
                case PropertyField.UserAgent:
                    properties.UserAgent = ReadKeptText(ref _lastUserAgent, found, outside, UserAgent.MaxLength);
                    break;
                case PropertyField.Host:
                    properties.Host = ReadKeptText(ref _lastHost, found, outside, HostList.MaxHostLength);
                    break;
                case PropertyField.Ip:
                    int ipStart = (int)_reader.TokenStartIndex;
                    properties.Ip = ReadKeptText(ref _lastIp, found, outside);
                    properties.IpAt = new Slice(ipStart, (int)_reader.BytesConsumed - ipStart);
                    break;
                case PropertyField.GeoIpDisable:
                    properties.GeoIpDisabled = _reader.TokenType == JsonTokenType.True;
                    CheckValue(found, outside);
                    break;
                case PropertyField.IgnoreSentAt:
                    properties.IgnoreSentAt = _reader.TokenType == JsonTokenType.True;
                    CheckValue(found, outside);
                    break;
                case PropertyField.CookielessMode:
                    properties.IsCookieless = _reader.TokenType == JsonTokenType.True;
                    CheckValue(found, outside);
                    break;
                case PropertyField.SnapshotData when found.Recording is { } recording:
                    ScanRecording(recording);
                    break;
                case PropertyField.SnapshotHost when _readsRecordings:
                    properties.Host = ReadKeptText(ref _lastHost, found, outside, HostList.MaxHostLength);
                    break;
                case PropertyField.SnapshotSource when found.Recording is { } recording:
                    recording.Source = NullIfEmpty(ReadKeptText(ref _lastSource, found, outside, MaxLabelLength));
                    break;
                case PropertyField.Library when found.Recording is { } recording:
                    recording.Library = NullIfEmpty(ReadKeptText(ref _lastLibrary, found, outside, MaxLabelLength));
                    break;
                default:
                    CheckValue(found, outside);
                    break;
            }
        }

        properties.Json = new Slice(start, (int)_reader.BytesConsumed - start);
        found.Properties = properties;
    }

    /// <summary>
    /// Reads one rrweb event, or an array of them, without checks: Postgres does not store it as JSON.
    /// </summary>
    private void ScanRecording(ScannedRecording recording)
    {
        bool isArray = _reader.TokenType == JsonTokenType.StartArray;
        recording.Events = isArray || _reader.TokenType == JsonTokenType.StartObject ? [] : null;
        if (!isArray)
        {
            ScanReplayEvent(recording.Events);
            return;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            ScanReplayEvent(recording.Events);
        }
    }

    private void ScanReplayEvent(List<ScannedReplayEvent>? events)
    {
        int start = (int)_reader.TokenStartIndex;
        if (ReplayFactsReader.TryRead(ref _reader, out ReplayFacts facts))
        {
            events?.Add(new ScannedReplayEvent(facts, new Slice(start, (int)_reader.BytesConsumed - start)));
        }
    }

    private Slice ScanObject(ScannedEvent found, int outside)
    {
        int start = (int)_reader.TokenStartIndex;
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return default;
        }

        CheckValue(found, outside);
        return new Slice(start, (int)_reader.BytesConsumed - start);
    }

    /// <summary>Reads a whole value and checks everything in it. The reader ends at its last token.</summary>
    private void CheckValue(ScannedEvent found, int outside)
    {
        int depth = _reader.CurrentDepth;
        Check(found, outside);
        if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            while (_reader.Read() && _reader.CurrentDepth > depth)
            {
                Check(found, outside);
            }
        }
    }

    private readonly void Check(ScannedEvent found, int outside)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.PropertyName:
                found.HasEscapes |= _reader.ValueIsEscaped;
                break;
            case JsonTokenType.Number:
                found.HasUnstorableNumber |= !PostgresNumber.TryMeasure(_reader.ValueSpan, out int printed);
                found.NumberExcess += printed - _reader.ValueSpan.Length;
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                found.Depth = Math.Max(found.Depth, _reader.CurrentDepth - outside);
                break;
        }
    }

    private string? SkipToNull()
    {
        _reader.Skip();
        return null;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
