using System.Net;
using Orleans.Configuration;
using Orleans.Dashboard;
using Sessions.Columns;
using Sessions.Host.Configuration;
using Sessions.Host.Telemetry;
using Sessions.Host.Tls;
using Sessions.Queries.Engines;
using Sessions.Queries.UserSql;
using Sessions.Web;

namespace Sessions.Host.Roles;

/// <summary>A gateway: answers HTTP, calls grains and runs queries.</summary>
internal static class GatewayRole
{
    /// <summary>How often a gateway looks for new and stopped silos. Orleans' default is a minute.</summary>
    private static readonly TimeSpan SilosRefresh = TimeSpan.FromSeconds(5);

    // The list of the sessions behind a number has what was asked in its address.
    private const int MaxRequestLine = 32 * 1024;

    /// <summary>Adds the listener and the endpoints.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        HttpSettings http = builder.Configuration.Read<HttpSettings>(HttpSettings.Section);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Parse(http.Address), http.Port);
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
        });
        // Until the program is published, the files of the pages are in their project. This finds them there.
        builder.WebHost.UseStaticWebAssets();
        builder.Configuration.AddColumnsSecret();
        builder.Services.AddColumnsClient();
        builder.Services.AddSingleton<ColumnsEngine, ColumnsOfProcess>();
        builder.Services.AddSingleton<ColumnsSql, SqlOfProcess>();
        builder.Services.AddSessionsGateway(builder.Configuration);
    }

    /// <summary>Adds the connection to the silos, for a gateway that is a process of its own.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static void AddClusterClient(this WebApplicationBuilder builder)
    {
        ClusterSettings cluster = builder.Configuration.Read<ClusterSettings>(ClusterSettings.Section);
        HttpSettings http = builder.Configuration.Read<HttpSettings>(HttpSettings.Section);
        string postgres = builder.Configuration.RequirePostgres();
        string orleans = SiloRole.OrleansConnectionString(postgres, cluster, $"gateway {http.Port}");

        builder.Services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = http.StopTimeout;
            // So that it answers, even if only that it is not ready, while it looks for the first silo.
            options.ServicesStartConcurrently = true;
        });
        bool traces = TelemetrySettings.Read(builder.Configuration).Traces;
        TlsSettings? tls = TlsSettings.Read(builder.Configuration);
        builder.UseOrleansClient(client =>
        {
            if (traces)
            {
                client.AddActivityPropagation();
            }

            client.UseClusterTls(tls);
            client.Configure<ClusterOptions>(options => SiloRole.Name(options, cluster));
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = SilosRefresh);
            client.UseAdoNetClustering((AdoNetClusteringClientOptions options) =>
                (options.Invariant, options.ConnectionString) = (SiloRole.Invariant, orleans));
            client.UseConnectionRetryFilter<PatientConnect>();
            client.AddDashboard();
        });
    }
}
