using System.ComponentModel.DataAnnotations;

namespace Sessions.Web.Api;

/// <summary>The limits of the HTTP API for reading; the configuration's section <c>Sessions:Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>The default number of results on a page. Default 100.</summary>
    [Range(1, 1000)]
    public int DefaultLimit { get; set; } = 100;

    /// <summary>The most results that a caller may request for a page. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxLimit { get; set; } = 1000;

    /// <summary>
    /// The most characters of properties on a page of events. Beyond it the page ends early. Default 16 Mi.
    /// </summary>
    [Range(1, 256 * 1024 * 1024)]
    public long MaxPageCharacters { get; set; } = 16 * 1024 * 1024;

    /// <summary>The most filters of one request. Default 50.</summary>
    [Range(1, 1000)]
    public int MaxFilters { get; set; } = 50;

    /// <summary>The most values in the list of one filter. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxFilterValues { get; set; } = 1000;

    /// <summary>The largest body with settings. Default 4 MiB, which has room for the most channel rules.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public long MaxSettingsBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long the readiness check waits for Postgres and for the cluster. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the gateway retries to read a session while silos stop and start. Default 8 seconds; then it answers
    /// 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long the gateway waits for a grain's answer until it calls again, because a silo that dies loses its calls.
    /// Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan AskAgain { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The value of <c>Retry-After</c> when Postgres or the cluster is unavailable. Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}
