using Sessions.Host.Database;

namespace Sessions.Tests.Host;

public sealed class ReservedPortsTests
{
    // Below the range from which the system gives ports to whoever asks for any.
    private const int First = 27_300;

    [Fact]
    public void Two_programs_that_look_at_once_get_different_ports_though_neither_listens_yet()
    {
        using ReservedPorts one = new();
        using ReservedPorts other = new();

        int[] ports = [one.From(First), other.From(First), one.From(First), other.From(First)];

        Assert.Equal(4, ports.Distinct().Count());
    }

    [Fact]
    public void A_reservation_goes_with_who_made_it()
    {
        ReservedPorts gone = new();
        int port = gone.From(First + 100);
        gone.Dispose();

        using ReservedPorts next = new();
        Assert.Equal(port, next.From(port));
    }
}
