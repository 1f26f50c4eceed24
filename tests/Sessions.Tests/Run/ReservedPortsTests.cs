using System.Net;
using System.Net.Sockets;
using Sessions.Run.Postgres;

namespace Sessions.Tests.Run;

public sealed class ReservedPortsTests
{
    // Below the range from which the system gives ports to whoever asks for any.
    private const int First = 27_300;

    [Fact]
    public void Two_programs_that_reserve_ports_at_once_get_different_ports()
    {
        using ReservedPorts one = new();
        using ReservedPorts other = new();

        int[] ports = [one.From(First), other.From(First), one.From(First), other.From(First)];

        Assert.Equal(4, ports.Distinct().Count());
    }

    [Fact]
    public void A_reservation_ends_with_the_process_that_made_it()
    {
        ReservedPorts gone = new();
        int port = gone.From(First + 100);
        gone.Dispose();

        using ReservedPorts next = new();
        Assert.Equal(port, next.From(port));
    }

    [Fact]
    public async Task A_program_can_listen_on_its_port_while_another_one_searches_for_a_port()
    {
        using ReservedPorts owner = new();
        int port = owner.From(First + 200);
        using CancellationTokenSource over = new();
        Task search = Task.Run(
            () =>
            {
                while (!over.IsCancellationRequested)
                {
                    using ReservedPorts other = new();
                    Assert.NotEqual(port, other.From(port));
                }
            },
            TestContext.Current.CancellationToken);

        for (int life = 0; life < 3000; life++)
        {
            using Socket silo = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            silo.Bind(new IPEndPoint(IPAddress.Loopback, port));
            silo.Listen();
        }

        await over.CancelAsync();
        await search;
    }
}
