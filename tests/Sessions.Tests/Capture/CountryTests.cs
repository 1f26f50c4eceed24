using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sessions.Capture;
using Sessions.Capture.Parsing;
using Sessions.Capture.Places;
using Sessions.Run.Demo;

namespace Sessions.Tests.Capture;

public sealed class CountryTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("192.0.2.1", "NZ")]
    [InlineData("192.0.2.255", "NZ")] // the network's last address
    [InlineData("192.0.3.0", null)] // the one after it
    [InlineData("198.51.100.7", "FR")]
    [InlineData("10.0.0.1", null)]
    public void An_address_gets_the_country_of_its_network_in_the_file(string address, string? country)
    {
        using GeoIp places = Places();

        Assert.Equal(country, places.FindCountry(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1,"$geoip_country_code":"NZ"}""")] // the client's own
    [InlineData("{}", """{"$geoip_country_code":"NZ"}""")]
    [InlineData("""{ "$ip" : "198.51.100.7" }""", """{"$ip" : null          ,"$geoip_country_code":"FR"}""")] // a server speaks for another
    [InlineData("""{"$ip":"10.0.0.1","a":1}""", """{"$ip":null      ,"a":1}""")] // nowhere
    [InlineData("""{"$ip":"","a":1}""", """{"$ip":"","a":1,"$geoip_country_code":"NZ"}""")]
    [InlineData("""{"$ip":1}""", """{"$ip":1,"$geoip_country_code":"NZ"}""")]
    [InlineData("""{"$geoip_disable":true}""", """{"$geoip_disable":true}""")] // an SDK on a server
    [InlineData("""{"$geoip_country_code":"XX"}""", """{"$geoip_country_code":"XX","$geoip_country_code":"NZ"}""")] // the last one counts
    public void An_event_gets_its_country_and_loses_its_address(string sent, string kept)
    {
        using GeoIp places = Places();

        Assert.Equal(kept, Kept(sent, places));
        Assert.NotNull(JsonNode.Parse(kept.Replace("\"XX\",\"$geoip_country_code\":", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_a_file_an_event_loses_its_address_and_gets_no_country()
    {
        Assert.Equal("""{"a":1,"$ip":null       }""", Kept("""{"a":1,"$ip":"192.0.2.1"}""", Bodies.NoPlaces));
        Assert.Equal(
            """{"a":1,"$ip":"192.0.2.1"}""",
            Kept("""{"a":1,"$ip":"192.0.2.1"}""", Bodies.NoPlaces, new CaptureOptions { KeepAddresses = true }));
    }

    [Fact]
    public void The_address_is_erased_also_when_set_is_added_to_the_properties()
    {
        string body = """{"api_key":"phc_good","event":"a","distinct_id":"anna","$set":{"b":2},"properties":{  "$ip":"192.0.2.1","a":1}}""";

        Assert.Equal("""{"$ip":null       ,"a":1,"$set":{"b":2}}""", Bodies.Json(Bodies.One(Bodies.Parse(body))));
    }

    [Theory]
    [InlineData(null, "can't be read")]
    [InlineData("no such format", "is no file in MaxMind's format")]
    public void A_missing_or_broken_file_is_an_error_at_the_start(string? content, string fault)
    {
        if (content is null)
        {
            File.Delete(_file);
        }
        else
        {
            File.WriteAllText(_file, content);
        }

        var services = new ServiceCollection();
        services.AddLogging().AddCapture(new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("Sessions:GeoIp:File", (string?)_file)]).Build());
        using ServiceProvider provider = services.BuildServiceProvider();

        OptionsValidationException wrong =
            Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains($"Sessions:GeoIp:File: '{_file}' {fault}", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    public void Dispose() => File.Delete(_file);

    private GeoIp Places()
    {
        File.WriteAllBytes(_file, CountryFile.Of(("192.0.2.0/24", "NZ"), ("198.51.100.0/24", "FR")));
        return new GeoIp(Options.Create(new GeoIpOptions { File = _file }));
    }

    private static string Kept(string properties, GeoIp places, CaptureOptions? options = null)
    {
        string body = $$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","properties":{{properties}}}""";
        return Bodies.Json(Bodies.One(new CaptureParser(options ?? new CaptureOptions(), Bodies.Tokens, places)
            .Parse(Bodies.Utf8(body), null, Bodies.Now, IPAddress.Parse("192.0.2.1"))));
    }
}
