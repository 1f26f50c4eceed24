using System.Collections.Frozen;

namespace Sessions.Database.Properties;

/// <summary>
/// The list of all properties of a session, in the order of the views' columns. JSON, orders and filters all use this
/// list.
/// </summary>
public static class SessionProperties
{
    /// <summary>All properties.</summary>
    public static IReadOnlyList<SessionProperty> All { get; } =
    [
        Uuid("$session_id", session => session.SessionId),
        Time("$start_timestamp", session => session.StartTimestamp),
        Time("$end_timestamp", session => session.EndTimestamp),
        new("$session_duration", "session_duration", PropertyType.Seconds, session => Seconds(session.Duration), Always: true, IsStored: false),
        Text("$entry_current_url", session => session.EntryCurrentUrl),
        Text("$entry_pathname", session => session.EntryPathname),
        Text("$entry_hostname", session => session.EntryHostname),
        Text("$exit_current_url", session => session.ExitCurrentUrl),
        Text("$exit_pathname", session => session.ExitPathname),
        Text("$exit_hostname", session => session.ExitHostname),
        Text("$entry_utm_source", session => session.EntryUtmSource),
        Text("$entry_utm_campaign", session => session.EntryUtmCampaign),
        Text("$entry_utm_medium", session => session.EntryUtmMedium),
        Text("$entry_utm_term", session => session.EntryUtmTerm),
        Text("$entry_utm_content", session => session.EntryUtmContent),
        Text("$entry_referring_domain", session => session.EntryReferringDomain),
        .. AdIds.Names.Select(id => Text("$entry_" + id, session => session.EntryAdIds.GetValueOrDefault(id))),
        Number("$pageview_count", session => session.PageviewCount),
        Number("$autocapture_count", session => session.AutocaptureCount),
        Number("$screen_count", session => session.ScreenCount),
        Number("$event_count", session => session.EventCount),
        Number("$unique_url_count", session => session.UniqueUrlCount),
        Text("$channel_type", session => session.ChannelType),
        new("$is_bounce", "is_bounce", PropertyType.Boolean, session => session.IsBounce),
        Text("$last_external_click_url", session => session.LastExternalClickUrl),
        Always("distinct_id", session => session.DistinctId),
        Text("device_id", session => session.DeviceId),
        Text("$device_type", session => session.DeviceType),
        Text("$browser", session => session.Browser),
        Text("$os", session => session.Os),
        Text("$country", session => session.Country),
        Always("status", session => session.Status.ToWord()),
        Text("end_reason", session => session.EndReason?.ToWord()),
        new("$has_replay", "has_replay", PropertyType.Boolean, session => session.HasReplay, Always: true, IsStored: false),
        new("$replay_start", "replay_start", PropertyType.Time, session => session.ReplayStart, IsStored: false),
        new("$replay_duration", "replay_duration", PropertyType.Seconds, session => Seconds(session.ReplayDuration), IsStored: false),
        OfReplay("$replay_click_count", session => session.ReplayClickCount),
        OfReplay("$replay_keypress_count", session => session.ReplayKeypressCount),
        OfReplay("$replay_mouse_activity_count", session => session.ReplayMouseActivityCount),
        new("$replay_active_seconds", "replay_active_seconds", PropertyType.Seconds, session => Seconds(session.ReplayActive), IsStored: false),
        OfReplay("$replay_console_log_count", session => session.ReplayConsoleLogCount),
        OfReplay("$replay_console_warn_count", session => session.ReplayConsoleWarnCount),
        OfReplay("$replay_console_error_count", session => session.ReplayConsoleErrorCount),
        Text("$entry_screen_name", session => session.EntryScreenName),
        Text("$exit_screen_name", session => session.ExitScreenName),
        .. StartPageTexts.Names.Select(text => Text("$" + text, session => session.StartPageTexts?.GetValueOrDefault(text))),
        new("$event_names", "event_names", PropertyType.List, session => session.EventNames),
        Number("$rage_click_count", session => session.RageClickCount),
        Number("$dead_click_count", session => session.DeadClickCount),
    ];

    private static readonly FrozenDictionary<string, SessionProperty> ByName =
        All.ToFrozenDictionary(property => property.Name);

    /// <summary>The columns of all properties, as an SQL list.</summary>
    internal static string Columns { get; } = string.Join(", ", All.Select(property => property.Column));

    /// <summary>The property with this name, or null.</summary>
    public static SessionProperty? Find(string name) => ByName.GetValueOrDefault(name);

    private static decimal? Seconds(TimeSpan? duration) => duration is { } some ? Seconds(some) : null;

    // Rounds like the view, so that a session's duration is the same from its grain and from SQL.
    private static decimal Seconds(TimeSpan duration) =>
        Math.Round((decimal)duration.Ticks / TimeSpan.TicksPerSecond, 3, MidpointRounding.AwayFromZero);

    private static SessionProperty Text(string name, Func<Session, string?> of) =>
        new(name, Column(name), PropertyType.Text, of);

    private static SessionProperty Always(string name, Func<Session, string> of) =>
        new(name, Column(name), PropertyType.Text, of, Always: true);

    private static SessionProperty Number(string name, Func<Session, int> of) =>
        new(name, Column(name), PropertyType.Number, session => of(session), Always: true);

    private static SessionProperty OfReplay(string name, Func<Session, int?> of) =>
        new(name, Column(name), PropertyType.Number, session => of(session), IsStored: false);

    private static SessionProperty Time(string name, Func<Session, DateTimeOffset> of) =>
        new(name, Column(name), PropertyType.Time, session => of(session), Always: true);

    private static SessionProperty Uuid(string name, Func<Session, Guid> of) =>
        new(name, Column(name), PropertyType.Uuid, session => of(session), Always: true, IsStored: false);

    private static string Column(string name) => name.TrimStart('$');
}
