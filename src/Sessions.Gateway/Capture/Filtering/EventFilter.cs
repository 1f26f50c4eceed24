using Sessions.Domain.Channels;
using Sessions.Domain.UserAgents;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Filtering;

/// <summary>The filter of a project, from memory.</summary>
/// <exception cref="SessionsUnavailableException">The project's settings can't be read now.</exception>
internal delegate ValueTask<EventFilter> FindFilter(string project);

/// <summary>Which well-formed events a project does not want: those of programs, and those of its own people.</summary>
internal sealed class EventFilter(bool dropsBots, HostList internalHosts)
{
    public static EventFilter Of(ProjectSettings settings) => new(settings.BotFilter, new HostList(settings.InternalHosts));

    /// <summary>The events without those that are not wanted, and with each of these why.</summary>
    public CaptureVerdict.Taken Apply(CaptureVerdict.Taken taken)
    {
        // Made when the first event is dropped, which nearly never happens.
        List<CapturedEvent>? wanted = null;
        List<EventNote> dropped = [];

        // The events of a request mostly come from one user agent, which then is one and the same string.
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
