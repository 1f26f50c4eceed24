namespace Sessions.Tests.Simulation.Store;

/// <summary>The store in memory does what grains rely on.</summary>
public sealed class MemoryStoreTests : StoreConformance
{
    private protected override ValueTask<StoreUnderTest> Open()
    {
        var tables = new MemoryTables(TimeProvider.System);
        var link = new DirectLink();
        var store = new MemoryStore(tables, link);
        int projects = 0;
        return ValueTask.FromResult(new StoreUnderTest(
            new MemoryJournal(tables, link),
            store,
            store,
            store.Flush,
            () => $"p{++projects}",
            TimeProvider.System.GetUtcNow(),
            () => ValueTask.CompletedTask));
    }
}
