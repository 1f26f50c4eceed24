using Microsoft.Extensions.Time.Testing;
using Sessions.Silo.Membership;

namespace Sessions.Tests.Silo;

/// <summary>
/// A silo that was suspended for a while answers from memory only when it is still a member of its cluster.
/// </summary>
public sealed class WakefulnessTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Table _table = new();
    private readonly Wakefulness _wakefulness;

    public WakefulnessTests() => _wakefulness = new Wakefulness(_table, new TestSilo(), _clock);

    public async ValueTask InitializeAsync() => await _wakefulness.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _wakefulness.StopAsync(CancellationToken.None);
        _wakefulness.Dispose();
    }

    [Fact]
    public async Task A_silo_that_was_never_stopped_does_not_read_the_membership_table()
    {
        for (int beat = 0; beat < 100; beat++)
        {
            Advance(0.25);
            await _wakefulness.IsSure();
        }

        Assert.Equal(0, _table.Questions);
    }

    [Fact]
    public async Task After_a_stop_a_silo_reads_the_membership_table_once_and_continues()
    {
        Advance(3);

        await Task.WhenAll(_wakefulness.IsSure().AsTask(), _wakefulness.IsSure().AsTask());
        Advance(0.25);
        await _wakefulness.IsSure();

        Assert.Equal(1, _table.Questions);
    }

    [Fact]
    public async Task Time_that_passes_after_a_stop_does_not_replace_the_membership_check()
    {
        Advance(3);
        for (int beat = 0; beat < 20; beat++)
        {
            Advance(0.25);
        }

        _table.Status = SiloStatus.Dead;

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => _wakefulness.IsSure().AsTask());
    }

    [Theory]
    [InlineData(SiloStatus.Dead)]
    [InlineData(null)]
    public async Task A_silo_that_was_declared_dead_meanwhile_refuses_all_calls(SiloStatus? status)
    {
        _table.Status = status;
        Advance(3);

        for (int question = 0; question < 3; question++)
        {
            await Assert.ThrowsAsync<SessionsUnavailableException>(() => _wakefulness.IsSure().AsTask());
            Advance(0.25);
        }
    }

    [Fact]
    public async Task A_silo_that_cannot_read_the_membership_table_refuses_calls_until_it_can()
    {
        _table.IsAway = true;
        Advance(3);
        await Assert.ThrowsAsync<SessionsUnavailableException>(() => _wakefulness.IsSure().AsTask());

        _table.IsAway = false;
        await _wakefulness.IsSure();
    }

    private void Advance(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

    private sealed class Table : IMembershipTable
    {
        public SiloStatus? Status { get; set; } = SiloStatus.Active;

        public bool IsAway { get; set; }

        public int Questions { get; private set; }

        public Task<MembershipTableData> ReadRow(SiloAddress key)
        {
            Questions++;
            if (IsAway)
            {
                throw new TimeoutException();
            }

            TableVersion version = new(1, "1");
            return Task.FromResult(Status is { } status
                ? new MembershipTableData(Tuple.Create(new MembershipEntry { SiloAddress = key, Status = status }, "1"), version)
                : new MembershipTableData(version));
        }

        public Task InitializeMembershipTable(bool tryInitTableVersion) => throw new NotSupportedException();

        public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

        public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => throw new NotSupportedException();

        public Task<MembershipTableData> ReadAll() => throw new NotSupportedException();

        public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => throw new NotSupportedException();

        public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => throw new NotSupportedException();

        public Task UpdateIAmAlive(MembershipEntry entry) => throw new NotSupportedException();
    }
}
