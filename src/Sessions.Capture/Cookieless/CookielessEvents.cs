using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sessions.Capture.Cookieless;

/// <summary>
/// Gives a request's cookieless events their visitor's distinct id for the day, and with it a user-device. It runs
/// between the parser, which has no salts, and the tracker, which needs ids.
/// </summary>
internal sealed class CookielessEvents(CookielessSalts salts, ClientAddress client, TimeProvider time)
{
    /// <summary>Returns the request's events with ids, without those that are too old to get one.</summary>
    /// <exception cref="CaptureRefusedException">A salt can't be read now: 503.</exception>
    public async Task<CaptureVerdict.Taken> Resolve(CaptureVerdict.Taken taken, HttpRequest request)
    {
        if (!taken.HasCookieless)
        {
            return taken;
        }

        DateTimeOffset now = time.GetUtcNow();
        IPAddress? address = client.Of(request);
        string userAgent = request.Headers.UserAgent.ToString();
        var events = new List<CapturedEvent>(taken.Events.Count);
        List<EventNote> dropped = [.. taken.Dropped];
        List<EventNote> warnings = [.. taken.Warnings];
        foreach (CapturedEvent captured in taken.Events)
        {
            if (!captured.IsCookieless)
            {
                events.Add(captured);
                continue;
            }

            CookielessFields fields = CookielessFields.Read(captured.Event.Properties.Span);
            DateOnly day = CookielessDay.Of(captured.Event.Timestamp ?? now, fields.TimeZone);
            if (day < CookielessDay.OldestKept(now))
            {
                dropped.Add(new EventNote(captured.Index, CaptureReason.CookielessTooOld));
                continue;
            }

            if (captured.Event.SessionId is not null)
            {
                warnings.Add(new EventNote(captured.Index, CaptureReason.CookielessSession));
            }

            byte[] salt = await Salt(day);
            string site = CookielessVisitor.SiteOf(fields.Host, fields.CurrentUrl);
            var visitor = new CookielessVisitor(taken.Project, address, site, fields.UserAgent ?? userAgent);
            events.Add(captured with { Event = Anonymous(captured.Event, visitor.Id(salt)) });
        }

        return taken with { Events = events, Dropped = dropped, Warnings = warnings };
    }

    /// <summary>
    /// The event under its visitor's id for the day. Ids that the client stores or received from the site are removed.
    /// </summary>
    private static SessionEvent Anonymous(SessionEvent sent, string id) =>
        sent with { DistinctId = id, DeviceId = null, SessionId = null };

    private async Task<byte[]> Salt(DateOnly day)
    {
        try
        {
            return await salts.Of(day, CancellationToken.None);
        }
        catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException)
        {
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }
}
