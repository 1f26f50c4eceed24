using System.Net;
using Microsoft.AspNetCore.Http;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Cookieless;

/// <summary>The salt of a day.</summary>
/// <exception cref="SessionsUnavailableException">It can't be had now.</exception>
/// <exception cref="TimeoutException">It can't be had in time.</exception>
internal delegate Task<byte[]> FindSalt(DateOnly day, CancellationToken cancellation);

/// <summary>
/// Gives a request's cookieless events the distinct id that their visitor has for the day, and with it a user-device.
/// It stands between the parser, which knows no salts, and the tracker, which needs ids.
/// </summary>
internal sealed class CookielessEvents(FindSalt findSalt, ClientAddress client, TimeProvider time)
{
    /// <summary>The request's events with ids; without those that are too old to get one.</summary>
    /// <exception cref="CaptureRefusedException">A salt can't be had now: 503.</exception>
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

    /// <summary>The event under its visitor's id for the day: of what the client keeps or was told, nothing counts.</summary>
    private static SessionEvent Anonymous(SessionEvent sent, string id) =>
        sent with { DistinctId = id, DeviceId = null, SessionId = null };

    private async Task<byte[]> Salt(DateOnly day)
    {
        try
        {
            return await findSalt(day, CancellationToken.None);
        }
        catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException)
        {
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }
}
