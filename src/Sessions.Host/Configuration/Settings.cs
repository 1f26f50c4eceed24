using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Sessions.Host.Configuration;

/// <summary>Which cluster a process belongs to; section <c>Cluster</c>.</summary>
internal sealed class ClusterSettings
{
    public const string Section = "Cluster";

    /// <summary>Silos and gateways of one cluster share it. Default <c>sessions</c>.</summary>
    [Required, MaxLength(150)]
    public string ClusterId { get; set; } = "sessions";

    /// <summary>Names the state and the reminders: another one is another, empty, product. Default <c>sessions</c>.</summary>
    [Required, MaxLength(150)]
    public string ServiceId { get; set; } = "sessions";

    /// <summary>
    /// The most connections that Orleans itself opens to Postgres, in each process. Default 32: a silo reads some 30
    /// ranges of reminders at once.
    /// </summary>
    [Range(2, 1000)]
    public int PostgresConnections { get; set; } = 32;
}

/// <summary>Postgres; section <c>Postgres</c>. Where it is says <c>ConnectionStrings:Postgres</c>.</summary>
internal sealed class PostgresStartSettings
{
    public const string Section = "Postgres";

    /// <summary>For how long a start tries to reach Postgres before the process ends with exit code 1. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StartPatience { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>One silo; section <c>Silo</c>.</summary>
internal sealed class SiloSettings
{
    public const string Section = "Silo";

    /// <summary>Its name in logs and on the dashboard. Default: Orleans makes one.</summary>
    [MaxLength(150)]
    public string? Name { get; set; }

    /// <summary>The address, or host name, where other silos and gateways find it. Default loopback.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Where other silos call. Default 11111.</summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int Port { get; set; } = 11_111;

    /// <summary>Where gateways and backends call. Default 30000.</summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int ClientPort { get; set; } = 30_000;

    /// <summary>
    /// How long a grain that nobody calls stays in memory. Default 45 minutes. It must be longer than the idle timeout,
    /// or a live session's grain goes before its session ends.
    /// </summary>
    [Range(typeof(TimeSpan), "00:02:00", "1.00:00:00")]
    public TimeSpan GrainAge { get; set; } = TimeSpan.FromMinutes(45);

    /// <summary>How long a silo that is told to stop may take to write what it holds. Default 25 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);
}

/// <summary>What each process may use; section <c>Memory</c>.</summary>
internal sealed class MemorySettings
{
    public const string Section = "Memory";

    /// <summary>
    /// The most that a process' managed heap may take, in MiB; nearly all that it uses. Default 0: as much as the
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

    /// <summary>How long a gateway that is told to stop may take to finish the requests in hand. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>The default project, where no <c>./run</c> makes one up; section <c>Project</c>.</summary>
internal sealed class DefaultProjectSettings
{
    public const string Section = "Project";

    /// <summary>What browsers send: public. Capture takes no longer ones.</summary>
    [Required, MinLength(20), MaxLength(64)]
    public string Token { get; set; } = "";

    /// <summary>What the API takes: secret.</summary>
    [Required, MinLength(20), MaxLength(200)]
    public string ApiKey { get; set; } = "";

    /// <summary>The password of the project's SQL reader.</summary>
    [Required, MinLength(12), MaxLength(200)]
    public string ReaderPassword { get; set; } = "";
}

/// <summary>The text is an IP address.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IPAddressTextAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is null || (value is string text && IPAddress.TryParse(text, out _));

    public override string FormatErrorMessage(string name) => $"The field {name} must be an IP address.";
}
