namespace Sessions.Run.Import;

/// <summary>
/// Why an entry of a file was left out: reasons that only the importer gives, beside those of capture.
/// </summary>
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

    /// <summary>
    /// Explains a reason and what the user can do, in a phrase; null for a reason that needs no explanation.
    /// </summary>
    public static string? Explain(string reason) => reason switch
    {
        NoLogLine => "not in one of the supported formats: Apache's common, combined and vhost_combined, and nginx's default",
        FurtherFields => "the line has more fields than the combined format; remove them to import it",
        NoAddress => "no visitor's address in it",
        NoTimestamp => "no time, or one that can't be read",
        NoRequest => "the client did not send an HTTP request",
        NoPage => "not a page view: another method than GET, a status other than 2xx and 304, or a file such as an image",
        OtherHost => "on another host than --site; import the file again with that host as --site",
        Bot => "the user agent is a bot's; turn off bot_filter with PUT /api/project to keep such events",
        "internal" => "on one of the project's internal_hosts; change them with PUT /api/project",
        NoJson => "not JSON",
        NotAnObject => "JSON, but not an object",
        CookielessWithoutId => "a cookieless event without its visitor's own id",
        EmptyLine => "the line is empty",
        CutOff => "the file ends within it; run the same command again when the file is complete",
        InTheFuture => "its time is in the future, so a clock was wrong",
        DropReason.TooLarge => "larger than the limit for an event",
        DropReason.TooOld => "older than the project's retention; change retention_days with PUT /api/project",
        DropReason.MissingEventName => "no event name",
        DropReason.MissingDistinctId => "no distinct_id",
        DropReason.InvalidUuid => "its uuid is not valid",
        DropReason.InvalidProperties => "its properties can't be stored",
        DropReason.TooDeep => "its properties are nested too deeply",
        DropReason.PersonDeleted => "the person was deleted",
        DropReason.ProjectArchived => "the project is archived",
        DropReason.SessionFull => "its session has reached the limit of events",
        "snapshot_on_event_path" => "a recording, which an import does not support",
        "cookieless_identify" => "it would identify a cookieless visitor",
        _ => null,
    };
}
