using Sessions.Domain.Channels;

namespace Sessions.Domain;

/// <summary>A session's state as people see it: every property of a session, derived.</summary>
public static class SessionView
{
    public static Session Of(Guid sessionId, SessionState state, SessionRules rules)
    {
        EventFacts entry = state.Entry.Facts;
        return new Session
        {
            SessionId = sessionId,
            StartTimestamp = state.Start,
            EndTimestamp = state.End,
            DistinctId = state.DistinctId.Value,
            DeviceId = state.DeviceId?.Value,
            EntryCurrentUrl = entry.CurrentUrl,
            EntryPathname = Urls.Path(entry.CurrentUrl),
            EntryHostname = Urls.Hostname(entry.CurrentUrl),
            ExitCurrentUrl = state.Exit.Url,
            ExitPathname = Urls.Path(state.Exit.Url),
            ExitHostname = Urls.Hostname(state.Exit.Url),
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
            ChannelType = Channels.ChannelType.Decide(ChannelInput.Of(entry), rules.Channels),
            IsBounce = IsBounce(state, rules),
            LastExternalClickUrl = state.LastExternalClickUrl?.Value,
            DeviceType = state.DeviceType?.Value,
            Browser = state.Browser?.Value,
            Os = state.Os?.Value,
            Country = rules.HasCountries ? state.Country?.Value : null,
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
