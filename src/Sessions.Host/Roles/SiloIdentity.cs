using System.Net;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Database;
using Sessions.Silo.Membership;

namespace Sessions.Host.Roles;

/// <summary>
/// The silo's identity. It differs from Orleans' own only in the generation, which follows those in the membership
/// table: otherwise a silo that ran with a clock far ahead would keep later silos from starting.
/// </summary>
internal sealed class SiloIdentity(
    IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster, IOptions<EndpointOptions> endpoints, NpgsqlDataSource database)
    : ILocalSiloDetails
{
    private readonly Lazy<SiloAddress> _address = new(() => AddressOf(endpoints.Value, new SiloTable(database, cluster.Value.ClusterId)));

    public string Name => silo.Value.SiloName;

    public string ClusterId => cluster.Value.ClusterId;

    public string DnsHostName { get; } = Dns.GetHostName();

    public SiloAddress SiloAddress => _address.Value;

    public SiloAddress GatewayAddress { get; } = endpoints.Value.GatewayPort == 0
        ? null!
        : SiloAddress.New(Public(endpoints.Value, endpoints.Value.GatewayPort), 0);

    private static SiloAddress AddressOf(EndpointOptions endpoints, SiloTable table)
    {
        IPEndPoint here = Public(endpoints, endpoints.SiloPort);
        int byClock = SiloAddress.AllocateNewGeneration();
        try
        {
            return SiloAddress.New(here, table.NextGeneration(here.Address, here.Port, byClock));
        }
        catch (Exception away) when (PostgresAway.Is(away))
        {
            // The silo reports later that it can't read the table.
            return SiloAddress.New(here, byClock);
        }
    }

    private static IPEndPoint Public(EndpointOptions endpoints, int port) => new(endpoints.AdvertisedIPAddress, port);
}
