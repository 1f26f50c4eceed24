using System.Text.Json;
using Sessions.Domain.Channels;
using Sessions.Domain.Replay;
using Sessions.Domain.UserAgents;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Replay;

/// <summary>
/// Goes over a replay body's JSON once. It knows the shapes of all SDKs: one snapshot, an array of them, an envelope
/// with a <c>batch</c>; and in a snapshot one rrweb event or an array. It keeps no copy of any of them.
/// </summary>
internal ref struct SnapshotScanner
{
    private const int MaxLabelLength = 1_000;

    private readonly ReadOnlySpan<byte> _json;
    private readonly int _maxSnapshots;
    private readonly List<ScannedSnapshot> _snapshots = [];
    private Utf8JsonReader _reader;

    private SnapshotScanner(ReadOnlySpan<byte> json, int maxSnapshots)
    {
        _json = json;
        _maxSnapshots = maxSnapshots;
        // A page is nested as deeply as somebody made it; it is not kept as JSON in Postgres, so nothing limits it.
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
    }

    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="maxSnapshots">How many there may be.</param>
    /// <exception cref="CaptureRefusedException">It is no JSON, holds nothing, or too much.</exception>
    public static ScannedSnapshots Scan(ReadOnlySpan<byte> json, int maxSnapshots)
    {
        try
        {
            return new SnapshotScanner(json, maxSnapshots).ScanBody();
        }
        catch (JsonException broken)
        {
            throw new CaptureRefusedException(CaptureRefusal.Malformed(
                $"The body is not JSON: line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}."));
        }
    }

    private ScannedSnapshots ScanBody()
    {
        _reader.Read();
        ScannedSnapshots body;
        if (_reader.TokenType == JsonTokenType.StartArray)
        {
            ScanElements();
            body = new ScannedSnapshots(_snapshots, null, null);
        }
        else if (_reader.TokenType == JsonTokenType.StartObject)
        {
            ScannedSnapshot root = ScanSnapshot(0, isRoot: true, out bool isEnvelope);
            if (!isEnvelope)
            {
                _snapshots.Add(root);
            }

            body = new ScannedSnapshots(_snapshots, root.Token, root.SentAt);
        }
        else
        {
            throw new CaptureRefusedException(CaptureRefusal.Malformed("The body is neither a JSON object nor an array."));
        }

        // What follows the end is an error, which the reader finds.
        _reader.Read();
        return _snapshots.Count > 0
            ? body
            : throw new CaptureRefusedException(CaptureRefusal.Malformed("The body holds no snapshots."));
    }

    private void ScanElements()
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_snapshots.Count == _maxSnapshots)
            {
                throw new CaptureRefusedException(
                    CaptureRefusal.TooLarge($"The body holds more than {_maxSnapshots} snapshots."));
            }

            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                _snapshots.Add(ScanSnapshot(_snapshots.Count, isRoot: false, out _));
            }
            else
            {
                _reader.Skip();
                _snapshots.Add(new ScannedSnapshot(_snapshots.Count) { IsObject = false });
            }
        }
    }

    private ScannedSnapshot ScanSnapshot(int index, bool isRoot, out bool isEnvelope)
    {
        isEnvelope = false;
        var found = new ScannedSnapshot(index);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            EventField field = FieldNames.EventFieldOf(ref _reader);
            _reader.Read();
            switch (field)
            {
                case EventField.Batch when isRoot && _reader.TokenType == JsonTokenType.StartArray:
                    isEnvelope = true;
                    _snapshots.Clear();
                    ScanElements();
                    break;
                case EventField.Event:
                    found.Name = ReadText();
                    break;
                case EventField.DistinctId:
                    found.DistinctId = ReadText() ?? found.DistinctId;
                    break;
                case EventField.Token:
                    found.Token = ReadText() ?? found.Token;
                    break;
                case EventField.Uuid:
                    found.HasInvalidId = !JsonValues.TryReadId(ref _reader, out Guid? id);
                    found.Id = id;
                    break;
                case EventField.SentAt:
                    found.SentAt = JsonValues.ReadMoment(ref _reader);
                    break;
                case EventField.Properties when _reader.TokenType == JsonTokenType.StartObject:
                    ScanProperties(found);
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return found;
    }

    private void ScanProperties(ScannedSnapshot found)
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            SnapshotField field = SnapshotFields.Of(ref _reader);
            _reader.Read();
            switch (field)
            {
                case SnapshotField.Data:
                    ScanData(found);
                    break;
                case SnapshotField.Token:
                    found.PropertyToken = ReadText();
                    break;
                case SnapshotField.DistinctId:
                    found.PropertyDistinctId = ReadText();
                    break;
                case SnapshotField.DeviceId:
                    found.DeviceId = ReadText();
                    break;
                case SnapshotField.SessionId:
                    found.HasInvalidSessionId = !JsonValues.TryReadSessionId(ref _reader, out Guid? session);
                    found.SessionId = session;
                    _reader.Skip();
                    break;
                case SnapshotField.WindowId:
                    found.WindowId = ReadText();
                    break;
                case SnapshotField.Source:
                    found.Source = ReadText(MaxLabelLength);
                    break;
                case SnapshotField.Library:
                    found.Library = ReadText(MaxLabelLength);
                    break;
                case SnapshotField.Host:
                    found.Host = ReadText(HostList.MaxHostLength);
                    break;
                case SnapshotField.UserAgent:
                    found.UserAgent = ReadText(UserAgent.MaxLength);
                    break;
                case SnapshotField.CookielessMode:
                    found.IsCookieless = _reader.TokenType == JsonTokenType.True;
                    _reader.Skip();
                    break;
                case SnapshotField.IgnoreSentAt:
                    found.IgnoreSentAt = _reader.TokenType == JsonTokenType.True;
                    _reader.Skip();
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }
    }

    private void ScanData(ScannedSnapshot found)
    {
        found.Events.Clear();
        found.HasData = _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            ScanReplayEvent(found);
            return;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            ScanReplayEvent(found);
        }
    }

    private void ScanReplayEvent(ScannedSnapshot found)
    {
        int start = (int)_reader.TokenStartIndex;
        if (ReplayFactsReader.TryRead(ref _reader, out ReplayFacts facts))
        {
            found.Events.Add(new ScannedReplayEvent(facts, new Slice(start, (int)_reader.BytesConsumed - start)));
        }
    }

    /// <summary>A value as text: a string's own, null for null and the empty string, and anything else as its JSON.</summary>
    private string? ReadText(int maxLength = BodyScanner.MaxTextLength)
    {
        int start = (int)_reader.TokenStartIndex;
        bool isString = _reader.TokenType == JsonTokenType.String;
        bool isNull = _reader.TokenType == JsonTokenType.Null;
        _reader.Skip();
        if (isNull)
        {
            return null;
        }

        ReadOnlySpan<byte> raw = isString ? _reader.ValueSpan : _json[start..(int)_reader.BytesConsumed];
        string text = JsonText.Read(raw, isString && _reader.ValueIsEscaped, maxLength);
        return text.Length == 0 ? null : text;
    }
}
