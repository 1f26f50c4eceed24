namespace Sessions.Host;

/// <summary><c>health URL</c>: the health check of a container, whose image has neither a shell nor curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Returns exit code 0 when the address answers with success within 8 seconds.</summary>
    public static async Task<int> Run(Uri address)
    {
        using HttpClient http = new() { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(address);
            Console.WriteLine($"{(int)answer.StatusCode} {answer.ReasonPhrase}");
            return answer.IsSuccessStatusCode ? ExitCodes.Stopped : ExitCodes.Failed;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            Console.WriteLine(silent.Message);
            return ExitCodes.Failed;
        }
    }
}
