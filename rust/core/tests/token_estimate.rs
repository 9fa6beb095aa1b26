//! The token estimate, compared with the token counts of o200k_base.

use openaistream_core::estimate_tokens;

/// Texts with their token counts.
const COUNTED: &[(&str, u64)] = &[
    (
        r#"The shop on the corner opens at half past seven, and by eight there is a queue down to the chemist. Nobody minds waiting, because the bread is warm and the woman who sells it remembers what everyone bought last week. My neighbour takes two rolls, I take the dark loaf, and the children ask for whatever is covered in sugar."#,
        69,
    ),
    (
        r#"hey, did u see the email from finance?? they want the numbers by thursday lol. i can do the charts if you do the summary, otherwise we're not gonna make it tbh"#,
        38,
    ),
    (
        r#"Der Laden an der Ecke öffnet um halb acht, und um acht steht die Schlange schon bis zur Apotheke. Niemand ärgert sich über das Warten, denn das Brot ist noch warm, und die Verkäuferin weiß genau, was jeder in der letzten Woche gekauft hat."#,
        57,
    ),
    (
        r#"La boulangerie du coin ouvre à sept heures et demie, et dès huit heures la file s'étend jusqu'à la pharmacie. Personne ne se plaint d'attendre, car le pain est encore chaud et la vendeuse se souvient de ce que chacun a acheté la semaine dernière."#,
        60,
    ),
    (
        r#"Zamówiłem lampę trzy tygodnie temu i nadal jej nie dostałem. Proszę o informację, gdzie znajduje się przesyłka, albo o zwrot pieniędzy."#,
        41,
    ),
    (
        r#"Toko roti di sudut jalan buka pukul setengah delapan, dan pada pukul delapan antreannya sudah sampai ke apotek. Tidak ada yang keberatan menunggu, karena rotinya masih hangat dan penjualnya ingat apa yang dibeli setiap orang minggu lalu."#,
        59,
    ),
    (
        r#"Я заказал лампу три недели назад, и она до сих пор не пришла. Сообщите, пожалуйста, где находится посылка, или верните деньги."#,
        35,
    ),
    (
        r#"Ο φούρνος στη γωνία ανοίγει στις επτάμισι, και στις οκτώ η ουρά φτάνει ήδη ως το φαρμακείο. Κανείς δεν παραπονιέται που περιμένει, γιατί το ψωμί είναι ακόμα ζεστό και η πωλήτρια θυμάται τι αγόρασε ο καθένας την περασμένη εβδομάδα."#,
        91,
    ),
    (
        r#"يفتح المخبز الذي في الزاوية عند السابعة والنصف، وعند الثامنة يكون الطابور قد وصل إلى الصيدلية. لا أحد يتضايق من الانتظار لأن الخبز ما زال ساخنًا، والبائعة تتذكر ما اشتراه كل واحد في الأسبوع الماضي."#,
        65,
    ),
    (
        r#"कोने वाली बेकरी साढ़े सात बजे खुलती है और आठ बजे तक कतार दवाखाने तक पहुँच जाती है। किसी को इंतज़ार बुरा नहीं लगता, क्योंकि रोटी अभी गरम होती है और बेचने वाली को याद रहता है कि पिछले हफ़्ते किसने क्या खरीदा था।"#,
        68,
    ),
    (
        r#"ร้านขนมปังตรงหัวมุมเปิดตอนเจ็ดโมงครึ่ง พอถึงแปดโมงแถวก็ยาวไปถึงร้านขายยาแล้ว ไม่มีใครบ่นที่ต้องรอ เพราะขนมปังยังอุ่นอยู่ และคนขายจำได้ว่าสัปดาห์ก่อนใครซื้ออะไรไปบ้าง"#,
        71,
    ),
    (
        r#"街角的面包店七点半开门，到八点钟队伍已经排到药店门口了。没有人介意等待，因为面包还是热的，卖面包的女士记得每个人上星期买了什么。"#,
        53,
    ),
    (
        r#"三週間前にランプを注文しましたが、まだ届いていません。荷物がどこにあるのか教えていただくか、返金をお願いいたします。"#,
        40,
    ),
    (
        r#"모퉁이 빵집은 일곱 시 반에 문을 열고, 여덟 시가 되면 줄이 약국까지 늘어선다. 빵이 아직 따뜻하고 파는 아주머니가 지난주에 누가 무엇을 샀는지 기억하기 때문에 기다리는 것을 싫어하는 사람은 없다."#,
        74,
    ),
    (
        r#"def read_rows(path, columns=None):
    with open(path, newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        for line_number, row in enumerate(reader, start=2):
            if columns is not None:
                row = {name: row[name] for name in columns}
            yield line_number, row

if __name__ == "__main__":
    for number, row in read_rows(sys.argv[1]):
        print(f"{number:>6}: {row!r}")
"#,
        109,
    ),
    (
        r#"{"id":"resp_68a1","object":"response","created_at":1767225600,"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello!","annotations":[]}]}],"usage":{"input_tokens":12,"output_tokens":3,"total_tokens":15}}"#,
        71,
    ),
    (
        r#"id,date,temperature,pressure,humidity
1,2026-03-01,12.5,1013.25,0.81
2,2026-03-02,11.75,1009.8,0.79
3,2026-03-03,-2.125,998.4,0.934
4,2026-03-04,0.0625,1002.115,0.55
"#,
        97,
    ),
    (
        r#"iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="#,
        66,
    ),
];

#[test]
fn the_estimate_is_close_and_seldom_too_low() {
    let mut below = 0;
    for (text, tokens) in COUNTED {
        let ratio = estimate_tokens(text) as f64 / *tokens as f64;
        assert!((0.85..1.5).contains(&ratio), "{ratio}: {text}");
        below += usize::from(ratio < 1.0);
    }
    assert!(below <= COUNTED.len() / 5, "{below} of {}", COUNTED.len());
}
