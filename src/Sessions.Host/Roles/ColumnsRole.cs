using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Host.Configuration;

namespace Sessions.Host.Roles;

/// <summary>The process that holds sessions and events by columns, and answers gateways' questions.</summary>
internal static class ColumnsRole
{
    /// <summary>The key of the secret in the configuration.</summary>
    public const string Secret = $"{ColumnsClientOptions.Section}:{nameof(ColumnsClientOptions.Secret)}";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Adds the listener and what answers.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static void AddColumns(this WebApplicationBuilder builder)
    {
        ColumnsSettings columns = builder.Configuration.Read<ColumnsSettings>(ColumnsSettings.Section);
        builder.Configuration.AddColumnsSecret();
        if (string.IsNullOrEmpty(builder.Configuration[Secret]))
        {
            throw new ConfigurationException($"{Secret} is not set, and neither is {ClusterSettings.Section}:{nameof(ClusterSettings.Secret)}; "
                + "the process answers only to those who know it");
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(columns.Address), columns.Port));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopTimeout);
        builder.Services.AddSessionsColumns();
    }

    /// <summary>Makes the secret of the cluster's, when it is not set.</summary>
    public static void AddColumnsSecret(this IConfigurationManager configuration)
    {
        ClusterSettings cluster = configuration.Read<ClusterSettings>(ClusterSettings.Section);
        if (string.IsNullOrEmpty(configuration[Secret]) && !string.IsNullOrEmpty(cluster.Secret))
        {
            configuration.AddInMemoryCollection([new(Secret, SecretOf(cluster.Id))]);
        }
    }

    /// <summary>The secret that follows from a cluster's secret id.</summary>
    public static string SecretOf(string clusterId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(clusterId), "columns"u8));
}
