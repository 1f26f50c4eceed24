using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Sessions.Host.Configuration;

/// <summary>The cluster that a process belongs to; section <c>Cluster</c>.</summary>
internal sealed class ClusterSettings : IValidatableObject
{
    public const string Section = "Cluster";

    // The column in Orleans' table.
    private const int LongestId = 150;

    /// <summary>The id that the silos and gateways of one cluster share. Default <c>sessions</c>.</summary>
    [Required, MaxLength(LongestId)]
    public string ClusterId { get; set; } = "sessions";

    /// <summary>
    /// Makes the id one that a stranger can't guess: silos refuse connections that name another id. The same for all
    /// processes of the cluster. Default empty. It protects against those who can reach a port and can't read the
    /// traffic; against others, use TLS.
    /// </summary>
    [RegularExpression("^([A-Za-z0-9_-]{16,100})?$", ErrorMessage = "it has 16 to 100 letters, digits, - and _, or is empty")]
    public string? Secret { get; set; }

    /// <summary>
    /// The id under which grain state and reminders are stored. With another id a cluster starts with no state.
    /// Default <c>sessions</c>.
    /// </summary>
    [Required, MaxLength(150)]
    public string ServiceId { get; set; } = "sessions";

    /// <summary>
    /// The most connections that Orleans itself opens to Postgres, in each process: for the list of silos and the
    /// settings of projects. Default 8.
    /// </summary>
    [Range(2, 1000)]
    public int PostgresConnections { get; set; } = 8;

    /// <summary>Orleans' cluster id: <see cref="ClusterId"/> with <see cref="Secret"/>.</summary>
    internal string Id => string.IsNullOrEmpty(Secret) ? ClusterId : $"{ClusterId}-{Secret}";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Id.Length > LongestId ? [new($"together with Cluster:Secret it may have {LongestId} characters", [nameof(ClusterId)])] : [];
}

/// <summary>
/// How a process starts with Postgres; section <c>Postgres</c>. <c>ConnectionStrings:Postgres</c> has its address.
/// </summary>
internal sealed class PostgresStartSettings
{
    public const string Section = "Postgres";

    /// <summary>
    /// How long a start tries to reach Postgres before the process ends with exit code 1. Default 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StartPatience { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>The connections of a process to Postgres; section <c>Postgres</c>.</summary>
internal sealed class PostgresClientSettings
{
    public const string Section = "Postgres";

    /// <summary>
    /// The most connections of a process' main pool. Default 40: a silo reads about 30 ranges of reminders at once. Queries
    /// of users, Orleans and the journal's writers have pools of their own, whose sizes follow from their limits.
    /// </summary>
    [Range(4, 1000)]
    public int Connections { get; set; } = 40;
}

/// <summary>One silo; section <c>Silo</c>.</summary>
internal sealed class SiloSettings
{
    public const string Section = "Silo";

    /// <summary>Its name in logs and on the dashboard. Default: Orleans generates one.</summary>
    [MaxLength(150)]
    public string? Name { get; set; }

    /// <summary>The address, or host name, at which other silos and gateways reach it. Default loopback.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>
    /// The address on which its two ports listen. Default: <see cref="Address"/>. Set it where the others reach the silo
    /// at an address that this machine does not have; <c>0.0.0.0</c> is all of IPv4.
    /// </summary>
    [IPAddressText]
    public string? ListenAddress { get; set; }

    /// <summary>The port for calls of other silos. Default 11111.</summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int Port { get; set; } = 11_111;

    /// <summary>The port for calls of gateways and backends. Default 30000.</summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int ClientPort { get; set; } = 30_000;

    /// <summary>
    /// How long an idle grain stays in memory. Default 45 minutes. It must be longer than the idle timeout, or a live
    /// session's grain is deactivated before its session ends.
    /// </summary>
    [Range(typeof(TimeSpan), "00:02:00", "1.00:00:00")]
    public TimeSpan GrainAge { get; set; } = TimeSpan.FromMinutes(45);

    /// <summary>How long a silo may take to write its unsaved state when it stops. Default 25 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);
}

/// <summary>The memory of each process; section <c>Memory</c>.</summary>
internal sealed class MemorySettings
{
    public const string Section = "Memory";

    /// <summary>
    /// The largest managed heap of a process in MiB; the heap is nearly all of its memory. Default 0: as much as the
    /// machine or its container has.
    /// </summary>
    [Range(0, 16 * 1024 * 1024)]
    public int LimitMegabytes { get; set; }
}

/// <summary>One gateway's listener; section <c>Http</c>.</summary>
internal sealed class HttpSettings
{
    public const string Section = "Http";

    /// <summary>The address to listen on; <c>0.0.0.0</c> is all of IPv4. Default loopback.</summary>
    [Required, IPAddressText]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port to listen on. Default 8000.</summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int Port { get; set; } = 8000;

    /// <summary>How long a gateway may take to finish its current requests when it stops. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>The listener of the process with the columns; section <c>Columns</c>.</summary>
internal sealed class ColumnsSettings
{
    public const string Section = "Columns";

    /// <summary>Whether <c>./run</c> starts the process. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// The address to listen on; <c>0.0.0.0</c> is all of IPv4. Default loopback. Answers are not encrypted: on a network, put
    /// only gateways on it.
    /// </summary>
    [Required, IPAddressText]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port to listen on. Default 8790.</summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int Port { get; set; } = 8790;
}

/// <summary>The default project of a cluster that <c>./run</c> did not start; section <c>Project</c>.</summary>
internal sealed class DefaultProjectSettings
{
    public const string Section = "Project";

    /// <summary>The token that SDKs send. It is public. Capture accepts no longer ones.</summary>
    [Required, MinLength(20), MaxLength(64)]
    public string Token { get; set; } = "";

    /// <summary>The key of the API. It is secret.</summary>
    [Required, MinLength(20), MaxLength(200)]
    public string ApiKey { get; set; } = "";

    /// <summary>The password of the project's SQL reader.</summary>
    [Required, MinLength(12), MaxLength(200)]
    public string ReaderPassword { get; set; } = "";

    /// <summary>
    /// The operator's key, which makes projects and opens the Orleans dashboard. It is secret. Default null: nobody can.
    /// </summary>
    [MinLength(20), MaxLength(200)]
    public string? OperatorKey { get; set; }
}

/// <summary>The text is an IP address.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IPAddressTextAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is null or "" || (value is string text && IPAddress.TryParse(text, out _));

    public override string FormatErrorMessage(string name) => $"The field {name} must be an IP address.";
}
