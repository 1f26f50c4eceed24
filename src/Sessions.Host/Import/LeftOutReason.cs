namespace Sessions.Host.Import;

/// <summary>Why an entry of a file is not among the events: words that the importer has beside capture's.</summary>
internal static class LeftOutReason
{
    public const string NoLogLine = "no_log_line";
    public const string FurtherFields = "further_fields";
    public const string NoAddress = "no_address";
    public const string NoTimestamp = "no_timestamp";
    public const string NoRequest = "no_request";
    public const string NoPage = "no_page";
    public const string OtherHost = "other_host";
    public const string Bot = "bot";
    public const string NoJson = "no_json";
    public const string NotAnObject = DropReason.NotAnObject;
    public const string CookielessWithoutId = "cookieless_without_id";
    public const string EmptyLine = "empty_line";
    public const string CutOff = "cut_off";
    public const string InTheFuture = "in_the_future";

    /// <summary>What a reason means and what can be done, in a sentence; null for one that speaks for itself.</summary>
    public static string? Explain(string reason) => reason switch
    {
        NoLogLine => "not in one of the formats common, combined and vhost_combined of Apache, or nginx's default; log in one of them",
        FurtherFields => "more follows than the combined format has; without it these lines are taken",
        NoAddress => "no visitor's address in it",
        NoTimestamp => "no time that can be read",
        NoRequest => "what the client sent was no HTTP request",
        NoPage => "no page that was served: not GET, a status other than 2xx and 304, or a file such as an image",
        OtherHost => "of another host than --site names; import the file with that host as --site too",
        Bot => "a program by its user agent; bot_filter of PUT /api/project keeps them",
        "internal" => "on a host whose events the project does not want: internal_hosts of PUT /api/project",
        NoJson => "no JSON",
        NotAnObject => "JSON, but no object",
        CookielessWithoutId => "of a visitor without cookies, with the id that all of them have",
        EmptyLine => "nothing in it",
        CutOff => "the file ends within it; when the rest is there, the same command takes it",
        InTheFuture => "the time is yet to come: a clock was wrong",
        DropReason.TooLarge => "longer than an event may be",
        DropReason.TooOld => "older than the project keeps: retention_days of PUT /api/project",
        DropReason.MissingEventName => "no event name",
        DropReason.MissingDistinctId => "no distinct_id",
        DropReason.InvalidUuid => "its uuid is none",
        DropReason.InvalidProperties => "its properties can't be stored",
        DropReason.TooDeep => "its properties are nested too deeply",
        DropReason.PersonDeleted => "the person was deleted",
        DropReason.SessionFull => "its session has as many events as one may have",
        "snapshot_on_event_path" => "a recording, which an import does not bring",
        "cookieless_identify" => "tells who a visitor without cookies is",
        _ => null,
    };
}
