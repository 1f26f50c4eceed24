using System.Net;
using Sessions.Capture.Cookieless;
using Sessions.Capture.Places;
using Sessions.Client.Tracking;
using Sessions.Domain.Time;

namespace Sessions.Capture.Parsing;

/// <summary>Turns a body's JSON into events, or into a refusal. Accepts any bytes.</summary>
/// <param name="limits">The limits of events and bodies.</param>
/// <param name="tokens">Finds the project of a token.</param>
/// <param name="places">Finds the country of an address.</param>
internal sealed class CaptureParser(CaptureOptions limits, ITokenDirectory tokens, GeoIp places)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <param name="json">The body as valid UTF-8.</param>
    /// <param name="querySentAt">
    /// When the client sent it, according to the query. The body's own time has precedence.
    /// </param>
    /// <param name="now">When it arrived.</param>
    /// <param name="client">The address that it came from.</param>
    public CaptureVerdict Parse(ReadOnlySpan<byte> json, Moment? querySentAt, DateTimeOffset now, IPAddress? client = null)
    {
        try
        {
            json = json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;
            TokenSearch.Require(json, tokens);
            ScannedBody body = BodyScanner.Scan(json, limits);
            string project = ProjectTokens.FindProject(body, tokens);
            return Judge(body, json, project, querySentAt, now, new CountryOfEvents(places, client));
        }
        catch (CaptureRefusedException refused)
        {
            return new CaptureVerdict.Refused(refused.Refusal, []);
        }
    }

    private CaptureVerdict Judge(
        ScannedBody body,
        ReadOnlySpan<byte> json,
        string project,
        Moment? querySentAt,
        DateTimeOffset now,
        CountryOfEvents countries)
    {
        var arena = new PropertyArena(json.Length);
        var events = new List<CapturedEvent>(body.Events.Count);
        List<EventNote> dropped = [];
        List<EventNote> warnings = [];
        bool hasCookieless = false;
        foreach (ScannedEvent found in body.Events)
        {
            if (WhyDropped(found) is string reason)
            {
                dropped.Add(new EventNote(found.Index, reason));
                continue;
            }

            if (found.Properties.HasInvalidSessionId)
            {
                warnings.Add(new EventNote(found.Index, DropReason.InvalidSessionId));
            }
            else if (found.Properties.HasGenericDeviceId && !found.IsCookieless)
            {
                warnings.Add(new EventNote(found.Index, CaptureReason.GenericDeviceId));
            }

            bool isCookieless = found.IsCookieless;
            hasCookieless |= isCookieless;

            var time = new ClientTime
            {
                Timestamp = found.Timestamp,
                SentAt = found.SentAt ?? body.SentAt ?? querySentAt,
                IgnoreSentAt = found.Properties.IgnoreSentAt,
                OffsetMs = found.OffsetMs,
            };
            DateTimeOffset? happened = EventTime.Resolve(time, now);
            DateTimeOffset? byClient = found.Timestamp?.ToInstant();
            var sent = new SessionEvent
            {
                Id = found.Id ?? Guid.CreateVersion7(now),
                Name = found.Name!,
                Timestamp = happened,
                ClientTimestamp = byClient == happened ? null : byClient,
                IsTimeReckoned = found.OffsetMs is not null && byClient is null,
                DistinctId = found.Person ?? CookielessVisitor.SentDistinctId,
                DeviceId = found.Properties.DeviceId,
                SessionId = found.Properties.SessionId?.ToString(),
                WindowId = found.Properties.WindowId,
                Properties = PropertiesJson.Copy(found, json, arena, countries.Of(found.Properties), limits.KeepAddresses),
                SenderOrder = found.Order,
            };
            var addressed = DeviceEvent.Of(sent, PersonMerge.IsNamed(sent.Name) ? OtherIdOf(found) : null);
            events.Add(new CapturedEvent(found.Index, sent, addressed.AnonymousId)
            {
                OtherId = addressed.OtherId,
                IsCookieless = isCookieless,
                UserAgent = found.Properties.UserAgent,
                Host = found.Properties.Host,
            });
        }

        return events.Count > 0
            ? new CaptureVerdict.Taken(project, events, dropped, warnings, arena.Bytes, hasCookieless)
            : new CaptureVerdict.Refused(NothingUsable(dropped), dropped);
    }

    private string? WhyDropped(ScannedEvent found) => found switch
    {
        { IsObject: false } => DropReason.NotAnObject,
        _ when found.Bytes + found.NumberExcess > limits.MaxEventBytes => DropReason.TooLarge,
        _ when string.IsNullOrEmpty(found.Name) => DropReason.MissingEventName,
        { Name: "$snapshot" } => CaptureReason.SnapshotOnEventPath,
        _ when found.IsCookieless && PersonMerge.IsNamed(found.Name) =>
            CaptureReason.CookielessIdentify,
        _ when string.IsNullOrEmpty(found.Person) && !found.IsCookieless => DropReason.MissingDistinctId,
        { HasInvalidId: true } => DropReason.InvalidUuid,
        _ when found.Depth > limits.MaxDepth => DropReason.TooDeep,
        { HasInvalidProperties: true } or { HasUnstorableNumber: true } => DropReason.InvalidProperties,
        _ => null,
    };

    private static string? OtherIdOf(ScannedEvent found) =>
        found.Name == PersonMerge.Identify ? found.Properties.AnonymousId : found.Properties.Alias;

    private static CaptureRefusal NothingUsable(List<EventNote> dropped) =>
        dropped.Exists(note => note.Reason == DropReason.TooLarge)
            ? CaptureRefusal.TooLarge("All usable events of the body are too large.")
            : CaptureRefusal.Malformed("The body holds no usable event.");
}
