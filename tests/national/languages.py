"""How the offices of the region word their tables: titles, headings, units, periods."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """Words of one language.

    Parameters
    ----------
    area
        Country whose table it is.
    here, abroad
        Title of a table of foreigners by citizenship, and of nationals abroad by country; each
        with the heading of its countries.
    sex, men, women, both
        Heading of the sexes, and the sexes.
    total
        Row or column of all.
    number, year
        Heading of a column of figures, and the word for year.
    persons, thousands
        What is counted.
    unit
        Word before it in a row of its own.
    month, day
        A month and a day; `{year}`.
    months
        January to June; `{year}`.
    nil, provisional
        Words of a legend.
    note
        A footnote that says nothing of the figures.
    """

    area: str
    here: tuple[str, str]
    abroad: tuple[str, str]
    sex: str
    men: str
    women: str
    both: str
    total: str
    number: str
    year: str
    persons: str
    thousands: str
    unit: str
    month: str
    day: str
    months: str
    nil: str
    provisional: str
    note: str


WORDINGS = {
    "en": Wording(
        "THA",
        ("Foreign workers by citizenship", "Citizenship"),
        ("Workers deployed abroad by country of destination", "Country of destination"),
        "Sex", "Men", "Women", "Both sexes", "Total", "Number", "Year",
        "persons", "thousand persons", "Unit",
        "January {year}", "as of 31 December {year}", "January to June {year}",
        "nil", "provisional", "Including dependants",
    ),
    "th": Wording(
        "THA",
        ("จำนวนแรงงานต่างด้าว จำแนกตามสัญชาติ", "สัญชาติ"),
        ("จำนวนแรงงานไทยที่เดินทางไปทำงานต่างประเทศ จำแนกตามประเทศ", "ประเทศ"),
        "เพศ", "ชาย", "หญิง", "รวมทั้งสองเพศ", "รวม", "จำนวน", "ปี",
        "คน", "พันคน", "หน่วย",
        "มกราคม {year}", "ณ วันที่ 31 ธันวาคม {year}", "มกราคม - มิถุนายน {year}",
        "ไม่มี", "ตัวเลขเบื้องต้น", "รวมผู้ติดตาม",
    ),
    "vi": Wording(
        "VNM",
        ("Lao động nước ngoài theo quốc tịch", "Quốc tịch"),
        ("Lao động đi làm việc ở nước ngoài theo nước", "Nước"),
        "Giới tính", "Nam", "Nữ", "Cả hai giới", "Tổng số", "Số lượng", "Năm",
        "người", "nghìn người", "Đơn vị tính",
        "tháng 1 năm {year}", "tính đến 31/12/{year}", "6 tháng đầu năm {year}",
        "không có", "sơ bộ", "Kể cả người phụ thuộc",
    ),
    "id": Wording(
        "IDN",
        ("Tenaga kerja asing menurut kewarganegaraan", "Kewarganegaraan"),
        ("Penempatan pekerja migran Indonesia ke luar negeri menurut negara", "Negara"),
        "Jenis kelamin", "Laki-laki", "Perempuan", "Laki-laki + Perempuan", "Jumlah",
        "Jumlah", "Tahun", "orang", "ribu orang", "Satuan",
        "Januari {year}", "per 31 Desember {year}", "Januari - Juni {year}",
        "nihil", "angka sementara", "Termasuk keluarga",
    ),
    "ms": Wording(
        "MYS",
        ("Pekerja asing mengikut warganegara", "Warganegara"),
        ("Pekerja Malaysia di luar negara mengikut negara", "Negara"),
        "Jantina", "Lelaki", "Perempuan", "Kedua-dua jantina", "Jumlah keseluruhan",
        "Bilangan", "Tahun", "orang", "ribu orang", "Unit",
        "Januari {year}", "pada 31 Disember {year}", "Januari - Jun {year}",
        "tiada", "permulaan", "Termasuk tanggungan",
    ),
    "km": Wording(
        "KHM",
        ("ចំនួនពលករបរទេសតាមសញ្ជាតិ", "សញ្ជាតិ"),
        ("ចំនួនពលករខ្មែរទៅធ្វើការនៅក្រៅប្រទេសតាមប្រទេស", "ប្រទេស"),
        "ភេទ", "ប្រុស", "ស្រី", "ភេទទាំងពីរ", "សរុប", "ចំនួន", "ឆ្នាំ",
        "នាក់", "ពាន់នាក់", "ឯកតា",
        "មករា {year}", "31 ធ្នូ {year}", "មករា - មិថុនា {year}",
        "គ្មាន", "បឋម", "រួមទាំងអ្នកក្នុងបន្ទុក",
    ),
    "lo": Wording(
        "LAO",
        ("ແຮງງານຕ່າງປະເທດ ຕາມສັນຊາດ", "ສັນຊາດ"),
        ("ແຮງງານລາວໄປເຮັດວຽກຢູ່ຕ່າງປະເທດ ຕາມປະເທດ", "ປະເທດ"),
        "ເພດ", "ຊາຍ", "ຍິງ", "ທັງສອງເພດ", "ລວມ", "ຈຳນວນ", "ປີ",
        "ຄົນ", "ພັນຄົນ", "ຫົວໜ່ວຍ",
        "ມັງກອນ {year}", "31 ທັນວາ {year}", "ມັງກອນ - ມິຖຸນາ {year}",
        "ບໍ່ມີ", "ເບື້ອງຕົ້ນ", "ລວມຜູ້ຕິດຕາມ",
    ),
    "my": Wording(
        "MMR",
        ("နိုင်ငံခြားသားအလုပ်သမားများ နိုင်ငံသားအလိုက်", "နိုင်ငံသား"),
        ("ပြည်ပသို့ စေလွှတ်သည့် အလုပ်သမားများ နိုင်ငံအလိုက်", "နိုင်ငံ"),
        "လိင်", "ကျား", "မ", "နှစ်မျိုးလုံး", "စုစုပေါင်း", "အရေအတွက်", "ခုနှစ်",
        "ဦး", "ထောင်ဦး", "ယူနစ်",
        "ဇန်နဝါရီ {year}", "31 ဒီဇင်ဘာ {year}", "ဇန်နဝါရီ - ဇွန် {year}",
        "မရှိ", "ယာယီ", "မှီခိုသူများ အပါအဝင်",
    ),
    "fil": Wording(
        "PHL",
        ("Mga dayuhang manggagawa ayon sa pagkamamamayan", "Pagkamamamayan"),
        ("Mga manggagawang Pilipino sa ibang bansa ayon sa bansa", "Bansa"),
        "Kasarian", "Lalaki", "Babae", "Lahat", "Kabuuan", "Bilang", "Taon",
        "tao", "libong tao", "Yunit",
        "Enero {year}", "31 Disyembre {year}", "Enero - Hunyo {year}",
        "wala", "paunang bilang", "Kasama ang mga umaasa",
    ),
    "pt": Wording(
        "TLS",
        ("Trabalhadores estrangeiros por nacionalidade", "Nacionalidade"),
        ("Trabalhadores no estrangeiro por país", "País"),
        "Sexo", "Homens", "Mulheres", "Ambos os sexos", "Total", "Número", "Ano",
        "pessoas", "milhares de pessoas", "Unidade",
        "janeiro de {year}", "31 de dezembro de {year}", "janeiro a junho de {year}",
        "nulo", "provisório", "Inclui dependentes",
    ),
    "tet": Wording(
        "TLS",
        ("Traballadór estranjeiru tuir nasionalidade", "Nasionalidade"),
        ("Traballadór iha rai liur tuir nasaun", "Nasaun"),
        "Seksu", "Mane", "Feto", "Hamutuk", "Totál", "Númeru", "Tinan",
        "ema", "rihun ema", "Unidade",
        "Janeiru {year}", "31 Dezembru {year}", "Janeiru - Juñu {year}",
        "la iha", "provizóriu", "Inklui família",
    ),
}  # fmt: skip

#: Zero of the digits of a script.
ZEROS = {"latin": "0", "thai": "๐", "khmer": "០", "lao": "໐", "burmese": "၀"}
#: Script to the languages that print its digits.
WRITTEN_IN = {"thai": "th", "khmer": "km", "lao": "lo", "burmese": "my"}


def in_digits(text: str, numerals: str) -> str:
    """Text with its digits in those of a script."""
    zero = ord(ZEROS[numerals])
    digits = {ord("0") + number: chr(zero + number) for number in range(10)}
    return text.translate(digits)
