using Sessions.Domain.Channels;
using Sessions.Domain.Events;

namespace Sessions.Domain.Folding;

/// <summary>Computes all properties of a session from its state.</summary>
public static class SessionView
{
    /// <summary>Computes a session's properties from its state.</summary>
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
            EntryAdIds = Named(entry.AdIdValues, AdIds.Names) ?? [],
            StartPageTexts = Named(entry.StartPageTextValues, StartPageTexts.Names),
            PageviewCount = state.PageviewCount,
            AutocaptureCount = state.AutocaptureCount,
            ScreenCount = state.ScreenCount,
            EventCount = state.EventCount,
            // What SDKs said has priority over what was found in the recording.
            RageClickCount = state.RageClickCount > 0 ? state.RageClickCount : state.Replay?.Found?.Rage ?? 0,
            DeadClickCount = state.DeadClickCount > 0 ? state.DeadClickCount : state.Replay?.Found?.Dead ?? 0,
            EventNames = state.EventNames.IsEmpty ? null : [.. state.EventNames.Select(name => name.Value)],
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
            ReplayWindows = state.Replay?.ToWindows(),
            Status = state.Status,
            EndReason = state.EndReason,
            Version = state.Number,
        };
    }

    /// <summary>
    /// Whether the session is a bounce, by PostHog's rule: null without any pageview or screen; otherwise true unless
    /// there are two or more of them, or an autocapture, or the session lasted at least the bounce duration (exactly 10
    /// seconds is not a bounce).
    /// </summary>
    public static bool? IsBounce(SessionState state, SessionRules rules)
    {
        int pages = state.PageviewCount + state.ScreenCount;
        return pages == 0
            ? null
            : pages < 2 && state.AutocaptureCount == 0 && state.End - state.Start < rules.BounceDuration;
    }

    // The properties are int: larger counts are reported as int.MaxValue.
    private static int? Count(long? count) => count is { } many ? (int)Math.Min(many, int.MaxValue) : null;

    private static Dictionary<string, string>? Named(IReadOnlyList<string?>? values, IReadOnlyList<string> names)
    {
        if (values is null)
        {
            return null;
        }

        var named = new Dictionary<string, string>();
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                named[names[i]] = value;
            }
        }

        return named;
    }
}
