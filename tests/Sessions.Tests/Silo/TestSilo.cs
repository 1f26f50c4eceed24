using System.Net;

namespace Sessions.Tests.Silo;

/// <summary>A silo by name, for what has no need of a real one.</summary>
internal sealed class TestSilo : ILocalSiloDetails
{
    public static readonly SiloAddress Address = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111), 1);

    public string Name => "silo-1";

    public string ClusterId => "tests";

    public string DnsHostName => "localhost";

    public SiloAddress SiloAddress => Address;

    public SiloAddress GatewayAddress => Address;
}
