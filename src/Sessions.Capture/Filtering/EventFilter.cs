using Sessions.Domain.Channels;
using Sessions.Domain.UserAgents;

namespace Sessions.Capture.Filtering;

/// <summary>Drops valid events that a project does not want: those of bots, and those of its internal hosts.</summary>
internal sealed class EventFilter(bool dropsBots, HostList internalHosts)
{
    public static EventFilter Of(ProjectSettings settings) => new(settings.BotFilter, new HostList(settings.InternalHosts));

    /// <summary>Removes the events that the project does not want, and adds the reason of each.</summary>
    public CaptureVerdict.Taken Apply(CaptureVerdict.Taken taken)
    {
        // Created when the first event is dropped, which is rare.
        List<CapturedEvent>? wanted = null;
        List<EventNote> dropped = [];

        // The events of a request usually come from one user agent, and share one string.
        string? lastAgent = null;
        bool lastIsBot = false;
        for (int i = 0; i < taken.Events.Count; i++)
        {
            CapturedEvent captured = taken.Events[i];
            if (dropsBots && !ReferenceEquals(captured.UserAgent, lastAgent))
            {
                lastAgent = captured.UserAgent;
                lastIsBot = Bots.IsBot(lastAgent);
            }

            string? reason = lastIsBot ? CaptureReason.Bot
                : internalHosts.Contains(captured.Host) ? CaptureReason.Internal
                : null;
            if (reason is null)
            {
                wanted?.Add(captured);
            }
            else
            {
                wanted ??= [.. taken.Events.Take(i)];
                dropped.Add(new EventNote(captured.Index, reason));
            }
        }

        return wanted is null ? taken : taken with { Events = wanted, Dropped = [.. taken.Dropped, .. dropped] };
    }
}
