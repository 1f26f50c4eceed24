namespace Sessions.Benchmarks.Harness;

/// <summary>Whether Postgres keeps its word when the power goes: read back from the server that was measured.</summary>
internal static class DurabilitySettings
{
    private static readonly string[] Names = ["fsync", "full_page_writes", "synchronous_commit"];

    public static async Task Note(Bench bench, Product product)
    {
        foreach (string name in Names)
        {
            string value = await product.Ask<string>($"select current_setting('{name}')");
            bench.Note($"postgres {name}", value);
            if (value != "on")
            {
                throw new InvalidOperationException($"Postgres' {name} is {value}: what is measured would not be durable.");
            }
        }

        bench.Note("postgres version", await product.Ask<string>("select current_setting('server_version')"));
    }
}
