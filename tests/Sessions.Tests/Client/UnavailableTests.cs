using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Serialization;

namespace Sessions.Tests.Client;

public sealed class UnavailableTests
{
    [Fact]
    public void An_unavailable_exception_with_any_cause_can_be_sent_to_another_process()
    {
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer serializer = services.GetRequiredService<Serializer>();
        Exception sent = new SessionsUnavailableException("Not now.", new NpgsqlException("broken", new IOException("reset by peer")));

        Exception? received = serializer.Deserialize<Exception>(serializer.SerializeToArray(sent));

        Assert.IsType<SessionsUnavailableException>(received);
        Assert.Contains("NpgsqlException: broken", received!.Message, StringComparison.Ordinal);
    }
}
