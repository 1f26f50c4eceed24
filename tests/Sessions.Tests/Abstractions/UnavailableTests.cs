using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Serialization;

namespace Sessions.Tests.Abstractions;

public sealed class UnavailableTests
{
    [Fact]
    public void Whatever_the_cause_was_it_arrives_in_another_process()
    {
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer serializer = services.GetRequiredService<Serializer>();
        Exception sent = new SessionsUnavailableException("Not now.", new NpgsqlException("broken", new IOException("reset by peer")));

        Exception? received = serializer.Deserialize<Exception>(serializer.SerializeToArray(sent));

        Assert.IsType<SessionsUnavailableException>(received);
        Assert.Contains("NpgsqlException: broken", received!.Message, StringComparison.Ordinal);
    }
}
