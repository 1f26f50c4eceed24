using Sessions.Domain.Channels;

namespace Sessions.Domain;

/// <summary>A session's state as people see it: every property of a session, derived.</summary>
public static class SessionView
{
    public static Session Of(Guid sessionId, SessionState state, SessionRules rules)
    {
        EventFacts entry = state.Entry.Facts;
        ShownPage start = state.Entry.Page;
        ShownPage exit = state.Exit.Page;
        return new Session
        {
            SessionId = sessionId,
            StartTimestamp = state.Start,
            EndTimestamp = state.End,
            DistinctId = state.DistinctId.Value,
            DeviceId = state.DeviceId?.Value,
            EntryCurrentUrl = entry.CurrentUrl,
            EntryPathname = start.Pathname,
            EntryHostname = start.Hostname,
            EntryScreenName = start.Screen,
            ExitCurrentUrl = exit.Url,
            ExitPathname = exit.Pathname,
            ExitHostname = exit.Hostname,
            ExitScreenName = exit.Screen,
            EntryUtmSource = entry.UtmSource,
            EntryUtmCampaign = entry.UtmCampaign,
            EntryUtmMedium = entry.UtmMedium,
            EntryUtmTerm = entry.UtmTerm,
            EntryUtmContent = entry.UtmContent,
            EntryReferringDomain = rules.Channels.IgnoredReferrers.Strip(entry.ReferringDomain),
            EntryAdIds = AdIdsOf(entry),
            PageviewCount = state.PageviewCount,
            AutocaptureCount = state.AutocaptureCount,
            ScreenCount = state.ScreenCount,
            EventCount = state.EventCount,
            UniqueUrlCount = state.UrlHashes.Length,
            ChannelType = Channels.ChannelType.Decide(ChannelInput.Of(entry, start), rules.Channels),
            IsBounce = IsBounce(state, rules),
            LastExternalClickUrl = state.LastExternalClickUrl?.Value,
            DeviceType = state.DeviceType?.Value,
            Browser = state.Browser?.Value,
            Os = state.Os?.Value,
            Country = rules.HasCountries ? state.Country?.Value : null,
            HasReplay = state.Replay is not null,
            ReplayStart = state.Replay?.Start,
            ReplayDuration = state.Replay is { } replay ? replay.End - replay.Start : null,
            ReplayClickCount = Count(state.Replay?.Clicks),
            ReplayKeypressCount = Count(state.Replay?.Keypresses),
            ReplayMouseActivityCount = Count(state.Replay?.MouseActivity),
            ReplayActive = state.Replay is { } active ? TimeSpan.FromMilliseconds(active.ActiveMs) : null,
            ReplayConsoleLogCount = Count(state.Replay?.ConsoleLogs),
            ReplayConsoleWarnCount = Count(state.Replay?.ConsoleWarns),
            ReplayConsoleErrorCount = Count(state.Replay?.ConsoleErrors),
            Status = state.Status,
            EndReason = state.EndReason,
            Version = state.Number,
        };
    }

    /// <summary>
    /// PostHog: null without any pageview or screen; else true unless there are two or more of them, or an
    /// autocapture, or a duration of at least the bounce duration (exactly 10 seconds is no bounce).
    /// </summary>
    public static bool? IsBounce(SessionState state, SessionRules rules)
    {
        int pages = state.PageviewCount + state.ScreenCount;
        return pages == 0
            ? null
            : pages < 2 && state.AutocaptureCount == 0 && state.End - state.Start < rules.BounceDuration;
    }

    // Properties are plain integers; nobody does two milliards of anything in a session.
    private static int? Count(long? count) => count is { } many ? (int)Math.Min(many, int.MaxValue) : null;

    private static Dictionary<string, string> AdIdsOf(EventFacts entry)
    {
        var adIds = new Dictionary<string, string>();
        if (entry.AdIdValues is { } values)
        {
            for (int i = 0; i < values.Count; i++)
            {
                if (values[i] is { } value)
                {
                    adIds[AdIds.Names[i]] = value;
                }
            }
        }

        return adIds;
    }
}
