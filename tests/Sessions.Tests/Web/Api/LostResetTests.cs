using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sessions.Web.Api;

namespace Sessions.Tests.Web.Api;

/// <summary>A reset over a network that delays it until its caller has given up.</summary>
public sealed class LostResetTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_reset_that_arrives_late_does_not_end_the_session_that_started_since()
    {
        UserDeviceKey key = UserDeviceKey.Create(gateway.NextProject().Id, "ann");
        IGrainFactory grains = gateway.Service<IGrainFactory>();
        IUserDeviceGrain device = grains.GetGrain<IUserDeviceGrain>(key);
        IGrainFactory losing = DispatchProxy.Create<IGrainFactory, LosingFirst>();
        var lost = (LosingFirst)losing;
        lost.Real = grains;
        IOptions<ApiOptions> options = Options.Create(new ApiOptions { AskAgain = TimeSpan.FromMilliseconds(100) });
        SessionCalls calls = new(losing, options, TimeProvider.System, NullLogger<SessionCalls>.Instance);
        Guid first = await Track(device);

        Session? ended = await calls.Reset(key, TestContext.Current.CancellationToken);
        Guid second = await Track(device);
        Session? late = await lost.Deliver();

        Assert.Equal((first, EndReason.Reset), (ended?.SessionId, ended?.EndReason));
        Assert.Equal(first, late?.SessionId);
        Assert.NotEqual(first, second);
        Assert.Equal(second, (await device.GetLiveSession())?.SessionId);
    }

    private static async Task<Guid> Track(IUserDeviceGrain device) =>
        (await device.Track([new SessionEvent { Id = Guid.CreateVersion7(), Name = "a", DistinctId = "ann" }])).Events[0].SessionId!.Value;

    /// <summary>Keeps the first reset on its way until it is told to deliver it.</summary>
    public class LosingFirst : DispatchProxy
    {
        private readonly TaskCompletionSource<Session?> _never = new();
        private Func<Task<Session?>>? _onItsWay;

        public IGrainFactory Real { get; set; } = null!;

        public Task<Session?> Deliver() => _onItsWay!();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            object? grain = targetMethod!.Invoke(Real, args);
            return grain is IDeviceReset device && targetMethod.GetGenericArguments()[0] == typeof(IDeviceReset)
                ? new Lossy(device, this)
                : grain;
        }

        private Task<Session?> Send(IDeviceReset device, Guid session)
        {
            if (_onItsWay is not null)
            {
                return device.Reset(session);
            }

            _onItsWay = () => device.Reset(session);
            return _never.Task;
        }

        private sealed class Lossy(IDeviceReset device, LosingFirst network) : IDeviceReset
        {
            public Task<Session?> Reset(Guid sessionId) => network.Send(device, sessionId);
        }
    }
}
